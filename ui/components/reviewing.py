"""Between the review board and the services: what the browser sent in, what it is shown out."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import BadInput, EvicodeError
from core.types import Code, CodeSystem
from ui.components.review_board import Answers, payload
from ui.services.charts import Opened
from ui.services.failures import logged
from ui.services.intents import read_intents
from ui.services.search import find
from ui.session import NOTE, Desk, Model, coder_name, desk, message, model, open_note, workbench

JSON = Mapping[str, Any]  # Any: JSON has no type of its own
PATIENCE = 0.2  # seconds a page waits for evidence; slower evidence is asked for again


def receive() -> None:
    """Do what the board's message asks. Runs before the page, so the page shows the result."""
    sent, here = message(), desk()
    if sent is None:
        return
    try:
        here.answered = int(sent.get("at", 0))
        intents = read_intents(sent.get("intents", []))
        here.outcomes = model().coding.apply(intents, coder=coder_name())
        here.query = _query(sent.get("query"))
        here.asked = _asked(sent.get("ask"))
        here.coverage = _coverage(sent.get("coverage"))
        failed = any(why is not None for why in here.outcomes.values())
        if sent.get("go") is not None and not failed:
            _go(str(sent["go"]), here)
    except EvicodeError as error:
        here.problem = str(error)
    except Exception as error:  # noqa: BLE001  (a callback has no page to show it on)
        here.problem = f"Something went wrong (id {logged(error)}). Reload the page."


def board_data(note_id: int, *, coder: str) -> dict[str, Any]:  # Any: JSON
    """Everything the board shows of a note."""
    here, at_hand = desk(), model()
    opened = _opened(note_id, coder, here, at_hand)
    opened = _explained(opened, here, at_hand)
    chart = at_hand.coding.chart(opened, coder=coder)
    found = find(workbench().tables, here.query[1]) if here.query else ()
    answers = Answers(
        answered=here.answered,
        outcomes=here.outcomes,
        query=here.query,
        found=found,
        unexplained=here.unexplained,
        problem=here.problem or at_hand.problem,
    )
    here.problem = None
    return payload(chart, answers, coder=coder)


def _opened(note_id: int, coder: str, here: Desk, at_hand: Model) -> Opened:
    """The open chart with the list that is wanted: from this session's desk, or opened now."""
    if here.opened is None or here.opened_for != (note_id, coder):
        with st.spinner("Reading the note…"):
            here.opened = at_hand.coding.open(note_id, coder=coder, coverage=here.coverage)
        here.opened_for = (note_id, coder)
        here.unexplained = {}
    elif at_hand.coding.coder is not None and here.coverage != here.opened.coverage:
        try:
            here.opened = at_hand.coding.cover(here.opened, here.coverage, coder=coder)
        except EvicodeError as error:
            here.problem = str(error)
    here.coverage = here.opened.coverage
    return here.opened


def _explained(opened: Opened, here: Desk, at_hand: Model) -> Opened:
    """The chart with the evidence that was asked for, once it is there."""
    known = opened.explanations.keys() | opened.instead.keys()
    if here.asked is None or here.asked in known or at_hand.explainer is None:
        return opened
    code, method = here.asked
    try:
        note = opened.note.as_note()
        explanation = at_hand.explainer.ask(note, code, method, patience=PATIENCE)
    except EvicodeError as error:
        here.unexplained = {**here.unexplained, here.asked: str(error)}
        return opened
    if explanation is not None:
        here.opened = at_hand.coding.keep_explanation(opened, explanation, asked=method)
    return here.opened or opened


def _query(raw: object) -> tuple[int, str] | None:
    if not isinstance(raw, Mapping):
        return None
    return int(raw.get("n", 0)), str(raw.get("q", ""))


def _asked(raw: object) -> tuple[Code, str] | None:
    if not isinstance(raw, Mapping):
        return None
    system, _, code = str(raw.get("row", "")).partition(" ")
    return Code(CodeSystem.parse(system), code), str(raw.get("method", ""))


def _coverage(raw: object) -> float | None:
    return float(raw) if isinstance(raw, int | float) else None


def _go(where: str, here: Desk) -> None:
    if where == "inbox":
        here.leave_to = "inbox"
        return
    note_id = open_note()
    following = None if note_id is None else model().coding.next_note(note_id)
    if following is None:
        raise BadInput("Every other chart in the inbox is done.")
    st.query_params[NOTE] = str(following)
