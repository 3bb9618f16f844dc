"""Help and the first-run tour, over every page. Drawn above the page, so nothing on it moves."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.components.guide.words import HELP, Help
from ui.language import COOKIE, for_scripts, language, t

__all__ = ["HELP", "guide"]

_HERE = Path(__file__).parent
_SCRIPTS = (
    _HERE.parent / "words.js",
    _HERE.parent / "review_board" / "dom.js",
    _HERE / "guide.js",
)


def guide(page: str, *, offered: Sequence[str]) -> None:
    """Offer help for the page, and on somebody's first visit a tour of the pages they have.

    What the browser keeps by cookie: the language, and that the tour was seen.
    """
    pages = [name for name in offered if name in HELP]
    data = {
        "words": for_scripts(),
        "cookie": f"{COOKIE}={language()}",
        "help": _help(HELP[page]) if page in HELP else None,
        "tour": [{"name": t(name.capitalize()), "says": t(HELP[name].is_for)} for name in pages],
    }
    _guide()(key="guide", data=data)


def _help(found: Help) -> dict[str, object]:
    return {
        "is_for": t(found.is_for),
        "hints": [t(hint) for hint in found.hints],
        "keys": [[key, t(does)] for key, does in found.keys],
    }


@cache
def _guide() -> ComponentRenderer:
    return st.components.v2.component(
        "evicode_guide",
        html=(_HERE / "guide.html").read_text("utf-8"),
        css=(_HERE / "guide.css").read_text("utf-8"),
        js="\n".join(file.read_text("utf-8") for file in _SCRIPTS),
        isolate_styles=True,
    )
