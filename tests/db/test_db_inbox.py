"""The inbox and the charts it lists: status, counts of standing decisions, last change."""

import pytest
from sqlalchemy import Engine, event

import db
from core.errors import BadInput
from db import charts, decisions, inbox
from db.records import Action, Status, Turn
from tests.db.desk import COUGH, FEVER, PRESSURE, TOKEN, a_note, clock, decide


def test_a_chart_is_new_then_in_progress_then_done_then_open_again(engine: Engine) -> None:
    seen = []
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        seen.append(charts.status(session, note.id))
        for minute, turn in enumerate([Turn.OPENED, Turn.FINISHED, Turn.OPENED, Turn.REOPENED]):
            charts.record(session, note.id, turn, coder="ana", at=clock(minute))
            seen.append(charts.status(session, note.id))
            (row,) = inbox.rows(session)
            assert row.status is seen[-1]
    # opening a finished chart to look at it does not undo that it is finished
    assert seen == [
        Status.NEW,
        Status.IN_PROGRESS,
        Status.DONE,
        Status.DONE,
        Status.IN_PROGRESS,
    ]


def test_a_decision_alone_puts_a_chart_in_progress(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        assert charts.status(session, note.id) is Status.IN_PROGRESS
        assert inbox.rows(session)[0].status is Status.IN_PROGRESS


def test_a_turn_that_changes_nothing_is_not_kept(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        turns = [
            (Turn.REOPENED, "ana"),  # was never finished
            (Turn.OPENED, "ana"),
            (Turn.OPENED, "ana"),  # a refresh
            (Turn.OPENED, "bob"),
            (Turn.FINISHED, "bob"),
            (Turn.FINISHED, "ana"),  # is finished
        ]
        kept = [
            charts.record(session, note.id, turn, coder=coder, at=clock()) is not None
            for turn, coder in turns
        ]
        assert kept == [False, True, False, True, True, False]
        assert [(each.turn, each.coder) for each in charts.events(session, note.id)] == [
            (Turn.OPENED, "ana"),
            (Turn.OPENED, "bob"),
            (Turn.FINISHED, "bob"),
        ]


def test_a_chart_of_no_note_cannot_be_opened(engine: Engine) -> None:
    with pytest.raises(BadInput, match="no note 9"), db.unit_of_work(engine) as session:
        charts.record(session, 9, Turn.OPENED, coder="ana", at=clock())


def test_the_inbox_counts_what_stands_and_knows_the_last_change(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        first = a_note(session, name="first", text="First note")
        a_note(session, name="second", text="Second note")
        decide(session, first, FEVER, at=1)
        decide(session, first, COUGH, at=2)
        decide(session, first, COUGH, Action.REJECT, at=3)  # overrules the acceptance
        added = decide(session, first, PRESSURE, Action.ADD, at=4)
        decisions.retract(session, added, coder="ana", token=TOKEN, seen=4, at=clock(5))
        row, untouched = inbox.rows(session)
    assert (row.name, row.characters) == ("first", 10)
    assert (row.accepted, row.rejected, row.added) == (1, 1, 0)
    assert (row.created_at, row.changed_at) == (clock(0), clock(5))
    assert (untouched.accepted, untouched.rejected, untouched.added) == (0, 0, 0)
    assert (untouched.status, untouched.changed_at) == (Status.NEW, clock(0))


def test_the_inbox_can_be_narrowed_paged_and_summed_up(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        ids = [a_note(session, name=f"n{i}", text=f"text {i}").id for i in range(5)]
        for note_id in ids[:3]:
            charts.record(session, note_id, Turn.OPENED, coder="ana", at=clock())
        charts.record(session, ids[0], Turn.FINISHED, coder="ana", at=clock())
        assert [row.note_id for row in inbox.rows(session, status=Status.IN_PROGRESS)] == ids[1:3]
        assert [row.note_id for row in inbox.rows(session, status=Status.NEW)] == ids[3:]
        assert [row.note_id for row in inbox.rows(session, limit=2, offset=1)] == ids[1:3]
        assert inbox.totals(session) == {
            Status.NEW: 2,
            Status.IN_PROGRESS: 2,
            Status.DONE: 1,
        }


def test_the_inbox_takes_one_query_however_many_notes(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        for number in range(20):
            decide(session, a_note(session, name=f"n{number}", text=f"text {number}"), FEVER)
    statements: list[str] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )
    with db.unit_of_work(engine, write=False) as session:
        assert len(inbox.rows(session)) == 20
    assert sum("SELECT" in statement for statement in statements) == 1
