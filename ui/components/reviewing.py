"""Between the review board and the services: what the browser sent in, what it is shown out."""

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import BadInput, EvicodeError
from ui.components.on_chart import on_chart
from ui.components.review_board import Answers, chart_payload, payload
from ui.components.taking import open_work, put_in_address, take_next
from ui.language import said, t
from ui.services.asking import Evidence, read_asked
from ui.services.charts import Opened
from ui.services.failures import logged
from ui.services.intents import read_intents
from ui.services.lookup import look_up, nearby
from ui.services.search import Found, find
from ui.services.supposing import Supposed
from ui.session import Desk, coder_name, desk, message, open_note, open_pass
from ui.workbench import Model, model, workbench

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
        here.asked = read_asked(sent)
        here.coverage = here.asked.coverage
        failed = any(why is not None for why in here.outcomes.values())
        if sent.get("go") is not None and not failed:
            _go(str(sent["go"]), here)
    except EvicodeError as error:
        here.problem = said(str(error))
    except Exception as error:  # noqa: BLE001  (a callback has no page to show it on)
        here.problem = t("Something went wrong (id {error}). Reload the page.", error=logged(error))


def board_data(note_id: int, *, coder: str) -> dict[str, Any]:  # Any: JSON
    """Everything the board shows of a note."""
    here, at_hand = desk(), model()
    opened = _opened(note_id, coder, here, at_hand)
    if opened.screen is not None:  # all that is shown of a chart comes from one model
        at_hand = model(opened.screen.checkpoint_hash)
    _call_off(opened, here, at_hand)
    opened = _explained(opened, here, at_hand)
    opened = here.opened = _trusted(opened, here, at_hand)
    supposed, query = _supposed(opened, here, at_hand), here.asked.query
    answers = Answers(
        answered=here.answered,
        outcomes=here.outcomes,
        query=query,
        around=here.asked.around,
        found=_found(here),
        about=None if here.asked.about is None else look_up(workbench().tables, here.asked.about),
        unexplained=here.unexplained,
        unsaid=here.unsaid,
        computing=_computing(opened, here, at_hand),
        supposed=supposed,
        unsupposed=here.unsupposed,
        problem=here.problem or said(at_hand.problem or "") or None,
    )
    chart = at_hand.coding.chart(opened, coder=coder)
    here.problem = None
    shown = payload(chart, answers, coder=coder, coding_pass=open_pass())
    return shown | chart_payload(chart, on_chart(chart, coder=coder), coder=coder)


def _found(here: Desk) -> tuple[Found, ...]:
    """What the typeahead shows: codes that match, or those around one of them."""
    query, around, tables = here.asked.query, here.asked.around, workbench().tables
    if query is None:
        return ()
    return find(tables, query[1]) if around is None else nearby(tables, around)


def _opened(note_id: int, coder: str, here: Desk, at_hand: Model) -> Opened:
    """The open chart with the list that is wanted: from this session's desk, or opened now."""
    wanted = (note_id, coder, open_pass())
    if here.opened is None or here.opened_for != wanted:
        with st.spinner(t("Reading the note…")):
            here.opened = at_hand.coding.open(
                note_id, coder=coder, coverage=here.coverage, fresh=here.fresh
            )
        here.fresh = False
        here.opened_for = wanted
        here.unexplained, here.unsaid, here.unsupposed = {}, {}, None
    elif at_hand.coding.coder is not None and here.coverage != here.opened.coverage:
        try:
            here.opened = at_hand.coding.cover(here.opened, here.coverage, coder=coder)
        except EvicodeError as error:
            here.problem = said(str(error))
    here.coverage = here.opened.coverage
    return here.opened


def _call_off(opened: Opened, here: Desk, at_hand: Model) -> None:
    if here.asked.called_off is not None and at_hand.explainer is not None:
        at_hand.explainer.call_off(opened.note.as_note(), *here.asked.called_off)


def _explained(opened: Opened, here: Desk, at_hand: Model) -> Opened:
    """The chart with the evidence that was asked for, as far as it is there."""
    if at_hand.explainer is None:
        return opened
    note, until = opened.note.as_note(), time.monotonic() + PATIENCE
    for code, method in here.asked.evidence:
        known = {*opened.explanations, *opened.instead, *here.unexplained}
        if (code, method) in known:
            continue
        patience = max(0.0, until - time.monotonic())
        try:
            explanation = at_hand.explainer.ask(note, code, method, patience=patience)
        except Exception as error:  # noqa: BLE001  (the chart stands without it)
            here.unexplained = {**here.unexplained, (code, method): _why(error)}
            continue
        if explanation is None:
            break  # one at a time: asking for the next would take its place
        opened = at_hand.coding.keep_explanation(opened, explanation, asked=method)
    return opened


def _computing(opened: Opened, here: Desk, at_hand: Model) -> tuple[Evidence, float] | None:
    """The evidence that is being computed for this page, and the share that is done."""
    note, known = opened.note.as_note(), {*opened.explanations, *opened.instead}
    for code, method in here.asked.evidence:
        if (code, method) in known or at_hand.explainer is None:
            continue
        share = at_hand.explainer.progress(note, code, method)
        return None if share is None else ((code, method), share)
    return None


def _trusted(opened: Opened, here: Desk, at_hand: Model) -> Opened:
    """The chart with what is to be said of the evidence that was asked about, once it is known."""
    asked = here.asked.trust
    if asked is None or at_hand.trusting is None or asked in here.unsaid:
        return opened
    try:
        return at_hand.trusting.say(opened, *asked, patience=PATIENCE)
    except Exception as error:  # noqa: BLE001  (the evidence stands without it)
        here.unsaid = {**here.unsaid, asked: _why(error)}
    return opened


def _supposed(opened: Opened, here: Desk, at_hand: Model) -> Supposed | None:
    """The list as if the words that were asked about were not there, once it is known."""
    spans, supposing = here.asked.without, at_hand.supposing
    if here.unsupposed is not None and here.unsupposed[0] == spans:
        return None
    here.unsupposed = None
    if not spans or supposing is None or here.asked.of_note != opened.note.id:
        return None
    try:
        return supposing.without(opened, spans, patience=PATIENCE)
    except Exception as error:  # noqa: BLE001  (the real scores stand)
        here.unsupposed = (spans, _why(error))
    return None


def _why(error: Exception) -> str:
    if isinstance(error, EvicodeError):
        return said(str(error))
    return t("something went wrong (id {error})", error=logged(error))


def _go(where: str, here: Desk) -> None:
    """Leave for the inbox or the next chart, or end the first list that was made without help."""
    note_id = open_note()
    if where == "inbox":
        here.leave_to = "inbox"
        return
    if where == "suggestions":
        if note_id is not None:
            workbench().trials.submit(note_id, coder=coder_name())
            here.opened = None  # opened anew, with its suggestions
        return
    following = take_next(after=open_work())
    if following is None:
        raise BadInput("No other chart is free for you: the rest are done, or others have them.")
    put_in_address(following)
