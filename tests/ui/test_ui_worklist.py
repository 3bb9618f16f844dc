"""A coder's worklist through its service: what is next, and two coders who reach for it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

import db
from core.errors import Conflict
from db import charts
from db.records import Turn
from tests.ui.conftest import Clock
from ui.services.worklist import Filter, Pass, Priority, Status, Work, Worklist


@pytest.fixture
def worklist(engine: Engine, clock: Clock) -> Worklist:
    return Worklist(engine=engine, now=clock)


@pytest.fixture
def works(a_note: Callable[..., int]) -> list[Work]:
    return [Work(note_id=a_note(f"n{i}", f"note {i}")) for i in range(4)]


def test_next_is_the_most_urgent_then_what_is_mine_then_the_oldest(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.prioritise([works[3]], Priority.URGENT, by="lead")
    worklist.assign([works[1]], "ana", by="lead")
    assert worklist.next(coder="ana") == works[3]
    assert worklist.next(coder="ana") == works[3], "what she has already is still the most urgent"
    left, order = works[3], [works[3]]
    for _ in range(3):
        left = worklist.next(coder="ana", after=left)
        order.append(left)
        with db.unit_of_work(worklist.engine) as session:
            charts.record(session, left.note_id, Turn.FINISHED, coder="ana", at=worklist.now())
    assert order == [works[3], works[1], works[3], works[0]]


def test_next_passes_over_what_others_have_or_are_to_do(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.claim(works[0], coder="bob")
    worklist.assign([works[1]], "bob", by="lead")
    assert worklist.next(coder="ana") == works[2]
    assert worklist.next(coder="ana", after=works[2]) == works[3]
    assert worklist.rows(Filter(claimed_by="ana"))[0].work == works[3], "the other was let go"
    assert worklist.next(coder="bob") == works[1], "assigned to him, and so before his own claim"


def test_nothing_left_is_none(worklist: Worklist, works: list[Work]) -> None:
    for work in works:
        worklist.claim(work, coder="bob")
    assert worklist.next(coder="ana") is None


def test_filters_narrow_the_list(worklist: Worklist, works: list[Work]) -> None:
    worklist.assign(works[:2], "ana", by="lead")
    worklist.prioritise(works[1:], Priority.HIGH, by="lead")
    worklist.claim(works[2], coder="bob")
    second = Work(note_id=works[3].note_id, coding_pass=Pass.SECOND)
    worklist.assign([second], None, by="lead")

    def found(**wanted: object) -> list[Work]:
        return [row.work for row in worklist.rows(Filter(**wanted))]  # type: ignore[arg-type]

    assert found(assigned_to="ana") == [works[1], works[0]]
    assert found(priority=Priority.HIGH) == works[1:]
    assert found(claimed_by="bob") == [works[2]]
    assert found(free_for="ana") == [works[1], works[3], works[0], second]
    assert found(coding_passes=frozenset({Pass.SECOND})) == [second]
    assert found(name="N3") == [works[3], second]
    assert found(statuses=frozenset({Status.DONE})) == []


def test_an_assignment_of_many_is_all_or_nothing(worklist: Worklist, works: list[Work]) -> None:
    with pytest.raises(Exception, match="there is no note 99"):
        worklist.assign([works[0], Work(note_id=99)], "ana", by="lead")
    assert worklist.rows(Filter(assigned_to="ana")) == ()


def test_two_coders_at_once_never_get_the_same_chart(worklist: Worklist, works: list[Work]) -> None:
    start = Barrier(2)

    def grab(coder: str) -> str:
        start.wait()
        try:
            return worklist.claim(works[0], coder=coder).coder
        except Conflict as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(grab, ["ana", "bob"]))
    got = [answer for answer in answers if answer in ("ana", "bob")]
    (refused,) = [answer for answer in answers if answer not in got]
    assert refused.startswith(f"{got[0]} has this chart since 2026-01-02")


def test_eight_threads_asking_for_the_next_chart_get_different_ones(
    worklist: Worklist, a_note: Callable[..., int]
) -> None:
    notes = [a_note(f"m{i}", f"text {i}") for i in range(8)]
    coders = [f"coder{i}" for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda coder: worklist.next(coder=coder), coders))
    assert sorted(work.note_id for work in taken if work) == notes
