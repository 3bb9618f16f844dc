"""Order, POA and comments through the service, and deciding only on a chart one has."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.errors import BadInput
from core.types import Code, CodeSystem
from tests.ui.conftest import Clock, Desk
from ui.services.detailing import Detailing
from ui.services.intents import Kind
from ui.services.worklist import Work, Worklist

I10, FEVER = (Code(CodeSystem.ICD10CM, code) for code in ("I10", "R50.9"))


def ana(seen: int = 99) -> dict[str, object]:
    return {"coder": "ana", "token": str(uuid4()), "seen": seen}


@pytest.fixture
def detailing(at_desk: Desk) -> Detailing:
    return Detailing(engine=at_desk.coding.engine, now=at_desk.coding.now)


def test_a_chart_is_put_in_order_and_said_more_of(at_desk: Desk, detailing: Detailing) -> None:
    note_id = at_desk.opened.note.id
    for code in ("R50.9", "I10"):
        at_desk.do(Kind.ACCEPT, code)
    detailing.order(note_id, [I10, FEVER], **ana())
    detailing.poa(note_id, I10, "Y", **ana())
    detailing.comment(note_id, None, "short stay", **ana())
    found = detailing.coded(note_id)
    assert [(each.code, each.poa) for each in found.codes] == [(I10, "Y"), (FEVER, "")]
    assert (found.principal, found.comments) == (I10, {"ana": "short stay"})
    assert detailing.sequence(note_id) == 3


def test_an_undo_key_knows_what_came_last(at_desk: Desk, detailing: Detailing) -> None:
    note_id = at_desk.opened.note.id
    assert not detailing.undoes_detail(note_id, coder="ana")
    at_desk.do(Kind.ACCEPT, "I10")
    detailing.poa(note_id, I10, "Y", **ana())
    assert detailing.undoes_detail(note_id, coder="ana")
    assert detailing.undo(note_id, **ana())
    assert not detailing.undoes_detail(note_id, coder="ana"), "the decision is next"
    assert detailing.redo(note_id, **ana())
    at_desk.do(Kind.ACCEPT, "R50.9")
    assert not detailing.undoes_detail(note_id, coder="ana")


def test_a_finished_chart_is_left_as_it_is(at_desk: Desk, detailing: Detailing) -> None:
    note_id = at_desk.opened.note.id
    at_desk.do(Kind.ACCEPT, "I10")
    detailing.poa(note_id, I10, "Y", **ana())
    at_desk.do(Kind.FINISH)
    for change in (
        lambda: detailing.poa(note_id, I10, "N", **ana()),
        lambda: detailing.undo(note_id, **ana()),
    ):
        with pytest.raises(BadInput, match="this chart is finished; reopen it"):
            change()


def test_deciding_takes_the_chart_and_others_are_told_who_has_it(
    at_desk: Desk, engine: Engine, clock: Clock
) -> None:
    coding, note_id = replace(at_desk.coding, claims=True), at_desk.opened.note.id
    mine = replace(at_desk, coding=coding)
    bob = Desk(coding=coding, opened=coding.open(note_id, coder="bob"), coder="bob")
    assert mine.do(Kind.ACCEPT, "I10") is None
    assert "ana has this chart since 2026-01-02" in (bob.do(Kind.ACCEPT, "R50.9") or "")
    assert bob.states()["R50.9"] == "open", "nothing was written"
    assert "ana has this chart" in (bob.do(Kind.FINISH) or "")
    worklist = Worklist(engine=engine, now=clock)
    worklist.hand_over(Work(note_id=note_id), to="bob", by="ana")
    assert bob.do(Kind.ACCEPT, "R50.9") is None
    assert bob.do(Kind.FINISH) is None
    assert worklist.rows()[0].claim is None, "a finished chart is nobody's"
