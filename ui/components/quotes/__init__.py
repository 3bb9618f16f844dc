"""Stretches of a note side by side, with what was marked and shown. A v2 component of text nodes.

Plain widgets would do for whole texts; only a component can print marks inside a text and never
take the text for markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.language import for_scripts
from ui.services.grounds import Passage

__all__ = ["Column", "quotes"]

_HERE = Path(__file__).parent
_SCRIPTS = (
    _HERE.parent / "words.js",
    _HERE.parent / "review_board" / "dom.js",
    _HERE / "quotes.js",
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """What one person said of a code, and the words it rests on."""

    name: str  # whose; empty: no head
    state: str = ""  # in a word
    icon: str = ""
    lines: Sequence[str] = ()  # what else is to be said, above the text
    passages: Sequence[Passage] = ()
    empty: str = ""  # said in place of a text


@cache
def _quotes() -> ComponentRenderer:
    return st.components.v2.component(
        "evicode_quotes",
        html='<div class="quotes" data-testid="quotes"></div>',
        css=(_HERE / "quotes.css").read_text("utf-8"),
        js="\n".join(path.read_text("utf-8") for path in _SCRIPTS),
        isolate_styles=True,
    )


def quotes(columns: Sequence[Column], *, key: str, language: str | None = None) -> None:
    """Draw columns of passages. The browser answers nothing."""
    data = {
        "words": for_scripts(),
        "language": language,
        "columns": [
            {
                "name": each.name,
                "state": each.state,
                "icon": each.icon,
                "lines": list(each.lines),
                "empty": each.empty,
                "passages": [
                    [one.skipped, [[piece.text, piece.styles] for piece in one.pieces]]
                    for one in each.passages
                ],
            }
            for each in columns
        ],
    }
    _quotes()(key=key, data=data)
