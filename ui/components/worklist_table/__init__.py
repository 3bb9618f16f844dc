"""The worklist as a table: keys move and mark, a click or Enter opens. A v2 component of text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.components.worklist_table.payload import AT_ONCE, payload
from ui.services.worklist import Pass, Work, WorkRow

__all__ = ["AT_ONCE", "Asked", "payload", "worklist_table"]

_HERE = Path(__file__).parent
_SCRIPTS = (_HERE.parent / "review_board" / "dom.js", _HERE / "table.js")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the browser says: which chart to open, if any, which are marked, and the page."""

    opened: Work | None = None
    marked: frozenset[Work] = frozenset()
    page: int = 0


@cache
def _table() -> ComponentRenderer:
    return st.components.v2.component(
        "evicode_worklist",
        html=(_HERE / "table.html").read_text("utf-8"),
        css=(_HERE / "table.css").read_text("utf-8"),
        js="\n".join(path.read_text("utf-8") for path in _SCRIPTS),
        isolate_styles=True,
    )


def worklist_table(
    rows: Sequence[WorkRow],
    *,
    key: str,
    me: str,
    claims: bool,
    marks: bool,
    teaches: Callable[[WorkRow], str] | None = None,
    on_change: Callable[[], None] = lambda: None,
) -> None:
    """Draw the page of these lines that was asked for; read `asked` for what the browser says.

    claims: show who is to do a chart and who has it; marks: let charts be marked; teaches: says
    what a chart would teach, where the list is in that order.
    """
    data = payload(rows, page=asked(key).page, me=me, claims=claims, marks=marks, teaches=teaches)
    _table()(
        key=key,
        data=data,
        on_open_change=on_change,
        on_marked_change=on_change,
        on_page_change=on_change,
    )


def asked(key: str) -> Asked:
    """What the browser said last; what the table would not send counts for nothing."""
    said = st.session_state.get(key) or {}
    marked = said.get("marked") or []
    page = said.get("page") or 0
    return Asked(
        opened=_work(said.get("open")),
        marked=frozenset(filter(None, map(_work, marked if isinstance(marked, list) else []))),
        page=page if isinstance(page, int) and page > 0 else 0,
    )


def _work(raw: Any) -> Work | None:  # Any: JSON
    match raw:
        case [int(note_id), str(name)] if name in list(Pass):
            return Work(note_id=note_id, coding_pass=Pass(name))
    return None
