# ruff: noqa: S106  (tokens are no secrets)
"""Blind double coding in the store: passes do not meet, and what is adjudicated holds."""

import random

import pytest
from sqlalchemy import Engine, select

import db
from core.errors import BadInput
from db import charts, decisions, feedback, inbox, lessons
from db.records import Action, Pass, Status, Turn
from db.standing import final, standing
from db.tables import DecisionRow
from tests.db.desk import COUGH, FEVER, PRESSURE, a_note, clock, decide

SECOND = {"coder": "bob", "coding_pass": Pass.SECOND}
THIRD = {"coder": "cleo", "coding_pass": Pass.ADJUDICATED}


def test_a_second_coding_meets_no_conflict_and_changes_nothing_that_holds(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        decide(session, note, FEVER, Action.REJECT, seen=0, **SECOND)
        decide(session, note, COUGH, Action.ADD, seen=0, **SECOND)
        assert [row.code for row in decisions.of_note(session, note.id)] == [FEVER]
        assert lessons.of_note(session, note.id).note.codes == {FEVER}
        assert [row.code for row in feedback.decided(session)] == [FEVER]
        (row,) = inbox.rows(session)
        assert (row.accepted, row.rejected, row.added) == (1, 0, 0)


def test_the_history_tells_the_passes_apart(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        decide(session, note, FEVER, Action.REJECT, seen=0, **SECOND)
        found = [(row.coder, row.coding_pass) for row in feedback.decided(session, history=True)]
    assert found == [("ana", Pass.FIRST), ("bob", Pass.SECOND)]


def test_undo_stays_within_its_pass(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        decide(session, note, COUGH, seen=0, **SECOND)
        undone = decisions.undo(
            session,
            note.id,
            seen=2,
            token="one",
            at=clock(2),
            **SECOND,
        )
        assert undone is not None
        assert (undone.code, undone.coding_pass) == (COUGH, Pass.SECOND)
        assert standing(decisions.of_note(session, note.id)).keys() == {FEVER}


def test_what_is_adjudicated_holds_until_it_is_taken_back(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        settled = decide(session, note, FEVER, Action.REJECT, **THIRD)
        assert lessons.of_note(session, note.id).rejected == {FEVER}
        decisions.retract(session, settled, coder="cleo", token="one", seen=2, at=clock(3))
        assert lessons.of_note(session, note.id).note.codes == {FEVER}


@pytest.mark.parametrize("coding_pass", [Pass.SECOND, Pass.ADJUDICATED])
def test_nobody_decides_in_two_passes_of_a_note(engine: Engine, coding_pass: Pass) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        with pytest.raises(BadInput, match="ana took part in the first coding of this note"):
            decide(session, note, COUGH, coder="ana", coding_pass=coding_pass)


def test_who_opened_the_first_coding_cannot_be_its_blind_second_coder(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        charts.record(session, note.id, Turn.OPENED, coder="bob", at=clock())
        with pytest.raises(BadInput, match="bob took part in the first coding"):
            decide(session, note, FEVER, **SECOND)
        decide(session, note, FEVER, coder="bob", coding_pass=Pass.ADJUDICATED)  # may have looked


def test_a_second_coder_may_look_at_the_first_coding_once_done(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        charts.record(session, note.id, Turn.OPENED, at=clock(1), **SECOND)
        with pytest.raises(BadInput, match=r"your own \(second\) coding .* is not finished"):
            charts.record(session, note.id, Turn.OPENED, coder="bob", at=clock(2))
        charts.record(session, note.id, Turn.FINISHED, at=clock(3), **SECOND)
        assert charts.record(session, note.id, Turn.OPENED, coder="bob", at=clock(4))


def test_each_pass_is_finished_by_itself(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        charts.record(session, note.id, Turn.OPENED, at=clock(1), **SECOND)
        charts.record(session, note.id, Turn.FINISHED, at=clock(2), **SECOND)
        assert charts.status(session, note.id, coding_pass=Pass.SECOND) is Status.DONE
        assert charts.status(session, note.id) is Status.NEW
        assert inbox.rows(session)[0].status is Status.NEW
        assert list(feedback.coded_notes(session)) == []


@pytest.mark.parametrize("seed", range(8))
def test_the_sql_and_the_fold_agree_on_what_holds_whatever_was_done(
    engine: Engine, seed: int
) -> None:
    draw = random.Random(seed)
    coders = {Pass.FIRST: "ana", Pass.SECOND: "bob", Pass.ADJUDICATED: "cleo"}
    with db.unit_of_work(engine) as session:
        notes = [a_note(session, name=f"n{i}", text=f"note {i}") for i in range(2)]
        for number in range(30):
            note, coding_pass = draw.choice(notes), draw.choice(list(Pass))
            who = {"coder": coders[coding_pass], "coding_pass": coding_pass}
            if draw.random() < 0.3:
                how = {"token": f"{number}", "seen": 99, "at": clock(number)}
                decisions.undo(session, note.id, **how, **who)
            else:
                action = draw.choice([Action.ACCEPT, Action.REJECT, Action.ADD])
                code = draw.choice([FEVER, COUGH, PRESSURE])
                decide(session, note, code, action, seen=99, at=number, **who)
        by_sql = set(session.scalars(select(DecisionRow.id).where(decisions.stands())))
        made = [decisions.of_note(session, note.id, coding_pass=None) for note in notes]
    assert by_sql == {row.id for rows in made for row in final(rows).values()}
