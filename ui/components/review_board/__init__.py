"""The review board: note with evidence beside the codes. One v2 component, drawn from text only."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.components.review_board.chart_payload import chart_payload
from ui.components.review_board.payload import JSON, Answers, payload
from ui.language import for_scripts

__all__ = ["Answers", "chart_payload", "payload", "review_board"]

_HERE = Path(__file__).parent
_WORDS = _HERE.parent / "words.js"
_SCRIPTS = (
    *("dom", "paint", "outbox", "list", "search"),
    *("outline", "marking", "about_code", "blind", "snippets"),
    *("checks", "comment_box", "groups", "chart_row", "chart_panel"),
    *("asking", "what_if", "draw", "charting", "chart_view", "finishing", "keys", "board"),
)
_STYLES = (
    _HERE.parent / "base.css",
    *(_HERE / f"{name}.css" for name in ("board", "reading", "chart")),
)


def script() -> str:
    """The component's script: its parts in one module."""
    files = [_WORDS, *(_HERE / f"{name}.js" for name in _SCRIPTS)]
    return "\n".join(file.read_text("utf-8") for file in files)


@cache
def _board() -> ComponentRenderer:
    return st.components.v2.component(
        "evicode_review_board",
        html=(_HERE / "board.html").read_text("utf-8"),
        css="\n".join(path.read_text("utf-8") for path in _STYLES),
        js=script(),
        isolate_styles=True,
    )


def review_board(data: JSON, *, key: str, on_message: Callable[[], None]) -> None:
    """Draw the board. `on_message` runs before the next draw, when the browser sent a message."""
    spoken = {**data, "words": for_scripts()}
    _board()(key=key, data=spoken, on_message_change=on_message)
