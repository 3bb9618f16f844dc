"""The worklist: one coder a chart, by the clock; assignments and priorities; who may not."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

import db
from core.errors import BadInput, Conflict
from db import charts, worklist
from db.records import Pass, Status, Turn
from db.workflow_records import Priority, Work
from tests.db.desk import FEVER, a_note, clock, decide


@pytest.fixture
def work(engine: Engine) -> Work:
    with db.unit_of_work(engine) as session:
        return Work(note_id=a_note(session).id)


def _claim(engine: Engine, work: Work, coder: str, minute: int) -> None:
    with db.unit_of_work(engine) as session:
        worklist.claim(session, work, coder=coder, at=clock(minute))


def _holder(engine: Engine, work: Work, minute: int) -> str | None:
    with db.unit_of_work(engine, write=False) as session:
        held = worklist.claim_of(session, work, now=clock(minute))
        (row,) = worklist.rows(session, now=clock(minute), coding_pass=work.coding_pass)
    assert row.claim == held, "the list and the chart agree"
    return None if held is None else held.coder


def test_the_second_to_claim_is_told_who_has_it_and_since_when(engine: Engine, work: Work) -> None:
    _claim(engine, work, "ana", 0)
    with pytest.raises(Conflict, match="ana has this chart since 2026-01-02 03:00:00 UTC"):
        _claim(engine, work, "bob", 14)
    assert _holder(engine, work, 14) == "ana"


def test_a_claim_runs_out_a_quarter_of_an_hour_after_the_last_sign_of_life(
    engine: Engine, work: Work
) -> None:
    _claim(engine, work, "ana", 0)
    _claim(engine, work, "ana", 10)  # renews it
    assert _holder(engine, work, 24) == "ana"
    assert _holder(engine, work, 25) is None
    _claim(engine, work, "bob", 25)
    with pytest.raises(Conflict, match="bob has this chart"):
        _claim(engine, work, "ana", 26)


def test_renewing_within_a_minute_writes_nothing(engine: Engine, work: Work) -> None:
    _claim(engine, work, "ana", 0)
    with db.unit_of_work(engine) as session:
        before = worklist.renew(session, work, coder="ana", at=clock(0))
        assert (before.renewed_at, before.since) == (clock(0), clock(0))
        later = worklist.renew(session, work, coder="ana", at=clock(1))
        assert (later.renewed_at, later.since) == (clock(1), clock(0))


def test_handing_over_needs_the_chart_in_hand_and_gives_it_at_once(
    engine: Engine, work: Work
) -> None:
    _claim(engine, work, "ana", 0)
    with db.unit_of_work(engine) as session:
        with pytest.raises(Conflict, match="ana has it"):
            worklist.hand_over(session, work, to="cleo", by="bob", at=clock(1))
        given = worklist.hand_over(session, work, to="bob", by="ana", at=clock(1))
    assert (given.coder, given.by, given.since) == ("bob", "ana", clock(1))
    assert _holder(engine, work, 2) == "bob"
    with db.unit_of_work(engine) as session:
        worklist.release(session, work, by="lead", at=clock(3))
        with pytest.raises(Conflict, match="nobody has it"):
            worklist.hand_over(session, work, to="ana", by="bob", at=clock(3))
    assert _holder(engine, work, 3) is None


def test_what_is_assigned_to_one_coder_is_not_another_s_to_claim(
    engine: Engine, work: Work
) -> None:
    with db.unit_of_work(engine) as session:
        worklist.assign(session, work, "ana", by="lead", at=clock())
    with pytest.raises(Conflict, match="lead assigned this chart to ana at 2026-01-02 03:00:00"):
        _claim(engine, work, "bob", 1)
    with db.unit_of_work(engine) as session:
        worklist.assign(session, work, None, by="lead", at=clock(2))
    _claim(engine, work, "bob", 3)


def test_who_coded_a_note_first_cannot_code_it_second(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="ana")
        second = Work(note_id=note.id, coding_pass=Pass.SECOND)
        with pytest.raises(BadInput, match="ana took part in the first coding of this note"):
            worklist.claim(session, second, coder="ana", at=clock())
        with pytest.raises(BadInput, match="ana took part in the first coding of this note"):
            worklist.assign(session, second, "ana", by="lead", at=clock())


def test_rows_are_the_most_urgent_then_the_oldest_and_one_query(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        ids = [a_note(session, name=f"n{i}", text=f"note {i}").id for i in range(4)]
        worklist.prioritise(session, Work(note_id=ids[2]), Priority.URGENT, by="lead", at=clock())
        worklist.prioritise(session, Work(note_id=ids[0]), Priority.LOW, by="lead", at=clock())
        charts.record(session, ids[1], Turn.OPENED, coder="ana", at=clock())
        charts.record(session, ids[1], Turn.FINISHED, coder="ana", at=clock())
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    with db.unit_of_work(engine, write=False) as session:
        rows = worklist.rows(session, now=clock())
    assert [row.name for row in rows] == ["n2", "n1", "n3", "n0"]
    assert [row.status for row in rows] == [Status.NEW, Status.DONE, Status.NEW, Status.NEW]
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_a_second_coding_is_work_once_it_is_assigned_and_has_its_own_status(
    engine: Engine,
) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        a_note(session, name="other", text="Another note.")
        charts.record(session, note.id, Turn.OPENED, coder="ana", at=clock())
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock(1))
        assert worklist.rows(session, now=clock(), coding_pass=Pass.SECOND) == ()
        second = Work(note_id=note.id, coding_pass=Pass.SECOND)
        worklist.assign(session, second, None, by="lead", at=clock(2))
        (row,) = worklist.rows(session, now=clock(), coding_pass=Pass.SECOND)
    assert (row.work, row.status) == (second, Status.NEW)


def test_of_four_processes_exactly_one_gets_each_chart(engine: Engine, database: Path) -> None:
    with db.unit_of_work(engine) as session:
        for number in range(1, 21):
            a_note(session, name=f"n{number}", text=f"note {number}")
    script = Path(__file__).with_name("claimer.py")
    claimers = [
        subprocess.Popen(
            [sys.executable, str(script), str(database), "20", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("ana", "bob", "cleo", "dan")
    ]
    outcomes = [claimer.communicate(timeout=120) for claimer in claimers]
    assert [errors for _, errors in outcomes] == [""] * 4
    got = Counter(int(line) for output, _ in outcomes for line in output.split())
    assert got == Counter(range(1, 21))
