"""What charts would teach: found out in the background, in order, and by whom it may be seen."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from core.active import Kind, Prospect, Unit
from core.codes import shared_tables
from core.inference import Coder
from core.types import Code, CodeSystem, Note
from db import benefits, charts, tombstones
from db.benefits import Kept
from db.records import Turn
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Clock
from ui.services.benefits import OLD, Benefits, packed, unpacked
from ui.services.worklist import Order, Pass, Priority, Work, Worklist

FEVER = Code(CodeSystem.ICD10CM, "R50.9")
FAMILIAR = "the the the of of and and no"
TELLING = "Fiebre y dolor. Neumonía, fractura, hipertensión, chest pain, diabetes, appendicitis."


@pytest.fixture
def service(engine: Engine, tmp_path: Path, clock: Clock) -> Benefits:
    coder = Coder(tiny_fused_checkpoint(tmp_path / "fused"), shared_tables())
    return Benefits(engine=engine, coder=coder, now=clock)


def _known(service: Benefits) -> dict[int, int]:
    service.found.again = 0.0
    service.look()
    service.wait()
    return {note: each.place for note, each in service.look().items()}


def test_a_look_waits_for_nothing_and_begins_to_find_out(
    service: Benefits, a_note: Callable[..., int]
) -> None:
    little, much = a_note("little", FAMILIAR), a_note("much", TELLING)
    assert service.look() == {}
    service.wait()
    found = service.look()
    assert [note for note in found if note in (little, much)] == [much, little]
    assert found[much].counts.get(Kind.WORD, 0) > found[little].counts.get(Kind.WORD, 0)


def test_a_chart_somebody_began_has_no_place(service: Benefits, a_note: Callable[..., int]) -> None:
    begun, new = a_note("begun", TELLING), a_note("new", TELLING + " Tos.")
    assert set(_known(service)) == {begun, new}
    with db.unit_of_work(service.engine) as session:
        charts.record(session, begun, Turn.OPENED, coder="ana", at=service.now())
    assert set(_known(service)) == {new}


def test_another_process_finds_what_is_kept(
    service: Benefits, a_note: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = a_note("new", TELLING)
    before = _known(service)
    other = Benefits(engine=service.engine, coder=service.coder, now=service.now)
    monkeypatch.setattr(type(service.coder), "prospects", None)  # reading again would fail
    assert _known(other) == before == {note: 0}


def test_what_was_found_out_long_ago_is_found_out_again_once_memory_learned(
    service: Benefits, a_note: Callable[..., int], clock: Clock
) -> None:
    note = a_note("new", TELLING)
    _known(service)
    was = service.coder.memory
    service.coder.learn(Note(id="other", text="fever"), frozenset({FEVER}))
    assert service.coder.memory != was

    def memory() -> str:
        with db.unit_of_work(service.engine, write=False) as session:
            (kept,) = benefits.every(session, service.coder.checkpoint)
        assert kept.note_id == note
        return kept.memory

    _known(service)
    assert memory() == was, "it is not old yet"
    clock.looks += int(OLD / timedelta(minutes=1))
    _known(service)
    assert memory() == service.coder.memory


def test_a_deleted_note_leaves_no_place_and_no_row(
    service: Benefits, a_note: Callable[..., int]
) -> None:
    gone, left = a_note("gone", TELLING), a_note("left", TELLING + " Tos.")
    _known(service)
    with db.unit_of_work(service.engine) as session:
        tombstones.forget(session, gone, by="lea", reason="asked", at=service.now())
    assert set(_known(service)) == {left}
    with db.unit_of_work(service.engine, write=False) as session:
        kept = benefits.every(session, service.coder.checkpoint)
    assert [each.note_id for each in kept] == [left]


def test_a_fault_leaves_the_list_in_order_of_urgency(
    service: Benefits, a_note: Callable[..., int]
) -> None:
    note = a_note("new", TELLING)
    broken = Kept(
        note_id=note,
        checkpoint_hash=service.coder.checkpoint,
        memory="",
        content="{",
        at=service.now(),
    )
    with db.unit_of_work(service.engine) as session:
        benefits.keep(session, [broken])
    assert _known(service) == {}


def test_a_prospect_comes_back_as_it_was_kept() -> None:
    found = Prospect(
        units=(Unit(Kind.WORD, 7, 0.25, 3), Unit(Kind.RARE, 9, 0.5)),
        counts={Kind.WORD: 4, Kind.RARE: 1},
        expected=2.5,
    )
    assert unpacked(packed(found)) == found
    assert unpacked(packed(None)).units == ()


@pytest.fixture
def works(a_note: Callable[..., int]) -> list[Work]:
    return [Work(note_id=a_note(f"n{i}", f"note {i}")) for i in range(4)]


@pytest.fixture
def worklist(engine: Engine, clock: Clock, works: list[Work]) -> Worklist:
    places = {works[2].note_id: 0, works[1].note_id: 1, works[0].note_id: 2}
    return Worklist(engine=engine, now=clock, places=lambda: places)


def _listed(worklist: Worklist) -> list[Work]:
    rows = worklist.listing(coder="ana", order=Order.LEARNING)
    return [row.work for row in rows]


def test_the_most_to_learn_comes_first_and_what_is_not_known_last(
    worklist: Worklist, works: list[Work]
) -> None:
    assert _listed(worklist) == [works[2], works[1], works[0], works[3]]
    assert [row.work for row in worklist.rows(order=Order.LEARNING)] == _listed(worklist)
    assert [row.work for row in worklist.rows()] == works, "by urgency as ever"


def test_priority_and_assignment_still_come_first(worklist: Worklist, works: list[Work]) -> None:
    worklist.prioritise([works[3]], Priority.URGENT, by="lead")
    assert _listed(worklist)[0] == works[3]
    worklist.assign([works[0]], "ana", by="lead")
    first = worklist.next(coder="ana", order=Order.LEARNING)
    assert first == works[3]
    second = worklist.next(coder="ana", after=first, order=Order.LEARNING)
    assert second == works[0], "hers, before what teaches more"
    assert worklist.next(coder="ana", after=second, order=Order.LEARNING) == works[2]


def test_what_was_begun_comes_before_new_charts_and_what_is_done_after(
    worklist: Worklist, works: list[Work]
) -> None:
    with db.unit_of_work(worklist.engine) as session:
        for work, turn in ((works[1], Turn.FINISHED), (works[3], Turn.OPENED)):
            charts.record(session, work.note_id, turn, coder="ana", at=worklist.now())
    assert _listed(worklist) == [works[3], works[2], works[0], works[1]]


def test_a_second_coding_has_no_place_by_what_it_would_teach(
    worklist: Worklist, works: list[Work]
) -> None:
    again = Work(note_id=works[2].note_id, coding_pass=Pass.SECOND)
    worklist.assign([again], None, by="lead")
    blind = replace(worklist, passes=frozenset({Pass.SECOND}))
    assert _listed(blind) == [again]
    assert _listed(worklist)[-1] == again, "behind all new charts, wherever its note stood"


def test_ten_thousand_lines_are_in_order_within_half_a_second(
    worklist: Worklist, works: list[Work]
) -> None:
    (row, *_) = worklist.rows()
    many = [replace(row, work=Work(note_id=n)) for n in range(10_000)]
    places = {n: 10_000 - n for n in range(0, 10_000, 2)}
    started = time.perf_counter()
    found = replace(worklist, places=lambda: places)._in_order(many, Order.LEARNING)
    assert time.perf_counter() - started < 0.5
    assert found[0].work.note_id == 9_998
