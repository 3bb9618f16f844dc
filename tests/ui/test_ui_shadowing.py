"""A shadow scores what coders open: its lists are kept, nobody sees them, nobody waits."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.checkpoints import load_checkpoint
from core.codes import CodeTables
from core.inference import Coder
from core.types import Code, CodeSystem
from db import models, screens, shadow, trials, unit_of_work
from db.feedback import decided
from db.models import StoredModel
from db.records import Pass
from db.shadow_tables import ShadowListRow
from db.trials import TrialKind
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Clock, Desk
from ui.services.candidates import registered
from ui.services.coding import Coding
from ui.services.intents import Kind
from ui.services.shadow_queue import WAITING, ShadowQueue
from ui.services.shadowing import Shadowing

FEVER = Code(CodeSystem.ICD10CM, "R50.9")


@pytest.fixture(scope="session")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("candidate") / "better"
    tiny_fused_checkpoint(folder)
    return folder


@pytest.fixture
def chosen(engine: Engine, candidate: Path, clock: Clock) -> str:
    """The hash of the candidate, which runs as a shadow."""
    checkpoint = load_checkpoint(candidate).hash
    with unit_of_work(engine) as session:
        model = StoredModel(hash=checkpoint, name="better", folder=candidate.name)
        models.register(session, model, by="lead", at=clock())
        models.shadow(session, checkpoint, by="lead", at=clock())
    return checkpoint


@pytest.fixture
def queue(engine: Engine, candidate: Path, clock: Clock) -> ShadowQueue:
    return ShadowQueue(engine, load=lambda _: Coder.load(candidate), now=clock)


@pytest.fixture
def shadowed(coding: Coding, queue: ShadowQueue) -> Coding:
    return replace(coding, shadow=queue)


def lists(engine: Engine) -> list[ShadowListRow]:
    with unit_of_work(engine, write=False) as session:
        return list(session.scalars(select(ShadowListRow).order_by(ShadowListRow.id)))


def shadowing(engine: Engine, clock: Clock) -> Shadowing:
    return Shadowing(engine=engine, models=lambda: registered(engine), now=clock)


def test_an_opened_chart_is_scored_by_both_once(
    shadowed: Coding, queue: ShadowQueue, chosen: str, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    for _ in range(2):  # the second opening shows the same list
        shadowed.open(note_id, coder="ana")
    queue.wait()
    kept = lists(shadowed.engine)
    assert shadowed.coder is not None
    assert [each.checkpoint_hash for each in kept] == [shadowed.coder.checkpoint, chosen]
    assert all(each.codes for each in kept)
    with unit_of_work(shadowed.engine, write=False) as session:
        assert len(screens.of_note(session, note_id)) == 1


def test_nothing_of_it_reaches_screens_charts_or_feedback(
    coding: Coding, queue: ShadowQueue, chosen: str, a_note: Callable[..., int]
) -> None:
    alone, beside = a_note(), a_note("other", "Fever 😀 and cough.\nThe same, with a shadow.")
    shadowed = replace(coding, shadow=queue)
    opened = shadowed.open(beside, coder="ana")
    Desk(coding=shadowed, opened=opened).do(Kind.ACCEPT, "R50.9")
    queue.wait()
    assert len(lists(coding.engine)) == 2
    again = shadowed.open(beside, coder="ana")
    assert again.screen == opened.screen
    with unit_of_work(coding.engine, write=False) as session:
        hashes = {each.checkpoint for each in decided(session)}
        shown = {each.checkpoint_hash for each in screens.of_note(session, beside)}
    assert coding.coder is not None
    assert hashes == shown == {coding.coder.checkpoint}
    assert chosen not in repr((opened, coding.open(alone, coder="ana")))


@pytest.mark.parametrize("what", ["load", "score", "database"])
def test_what_goes_wrong_in_the_candidate_changes_nothing_for_the_coder(
    coding: Coding,
    chosen: str,
    clock: Clock,
    candidate: Path,
    a_note: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    class Broken(Coder):
        def suggest(self, *_args: object, **_settings: object):
            raise ValueError("Fever 😀 and cough")

    def load(_checkpoint: str) -> Coder:
        if what == "load":
            raise MemoryError
        return Broken.load(candidate) if what == "score" else Coder.load(candidate)

    if what == "database":
        monkeypatch.setattr(shadow, "record", lambda *_, **__: 1 / 0)
    told: list[BaseException] = []
    monkeypatch.setattr("ui.services.shadow_queue.logged", told.append)
    queue = ShadowQueue(coding.engine, load=load, now=clock)
    opened = replace(coding, shadow=queue).open(a_note(), coder="ana")
    queue.wait()
    assert opened.screen is not None
    assert len(told) == 1
    assert lists(coding.engine) == []


def test_a_coder_never_waits_for_a_slow_candidate_and_what_is_too_much_is_let_go(
    coding: Coding, chosen: str, clock: Clock, candidate: Path, a_note: Callable[..., int]
) -> None:
    go_on = threading.Event()

    def load(_checkpoint: str) -> Coder:
        go_on.wait()
        return Coder.load(candidate)

    queue = ShadowQueue(coding.engine, load=load, now=clock)
    shadowed = replace(coding, shadow=queue)
    try:
        for number in range(WAITING + 3):
            opened = shadowed.open(a_note(str(number), f"Fever number {number}"), coder="ana")
            assert opened.screen is not None
        assert queue.let_go == 3
        assert lists(coding.engine) == []
    finally:
        go_on.set()
        queue.wait()
    assert len(lists(coding.engine)) == 2 * WAITING


def test_deleting_a_note_takes_what_waits_along(
    coding: Coding, chosen: str, clock: Clock, candidate: Path, a_note: Callable[..., int]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def load(_checkpoint: str) -> Coder:
        begun.set()
        go_on.wait()
        return Coder.load(candidate)

    queue = ShadowQueue(coding.engine, load=load, now=clock)
    shadowed = replace(coding, shadow=queue)
    try:
        for name in ("first", "second"):
            shadowed.open(a_note(name, f"Fever, {name}."), coder="ana")
        begun.wait()
        queue.unlearn(["second"])  # does not wait either
    finally:
        go_on.set()
        queue.wait()
    assert len(lists(coding.engine)) == 2  # of the first


def test_a_candidate_that_could_not_be_loaded_is_tried_again_when_it_is_started_again(
    coding: Coding, chosen: str, clock: Clock, a_note: Callable[..., int]
) -> None:
    asked: list[str] = []

    def load(checkpoint: str) -> Coder:
        asked.append(checkpoint)
        raise OSError

    queue = ShadowQueue(coding.engine, load=load, now=clock)
    shadowed = replace(coding, shadow=queue)

    def opened(name: str) -> int:
        shadowed.open(a_note(name, f"Fever, {name}."), coder="ana")
        queue.wait()
        return len(asked)

    assert [opened("a"), opened("b")] == [1, 1]
    for wanted in (None, chosen):
        with unit_of_work(coding.engine) as session:
            models.shadow(session, wanted, by="lead", at=clock())
        opened(str(wanted))
    assert len(asked) == 2


def test_without_a_candidate_nothing_is_loaded(
    coding: Coding, clock: Clock, a_note: Callable[..., int]
) -> None:
    asked: list[str] = []
    queue = ShadowQueue(coding.engine, load=asked.append, now=clock)  # type: ignore[arg-type]
    replace(coding, shadow=queue).open(a_note(), coder="ana")
    queue.wait()
    assert asked == []


def test_second_codings_and_seeded_lists_stay_out(
    shadowed: Coding, queue: ShadowQueue, chosen: str, a_note: Callable[..., int], clock: Clock
) -> None:
    first = a_note()
    replace(shadowed, coding_pass=Pass.SECOND).open(first, coder="bo")
    queue.wait()
    assert lists(shadowed.engine) == []
    from ui.services.trials import Trials

    tried = a_note("tried", "Fever, to be tried.")
    assert shadowed.coder is not None
    seeded = Trials(
        engine=shadowed.engine,
        tables=shadowed.tables,  # type: ignore[arg-type]
        siblings=lambda _: (Code(CodeSystem.ICD10CM, "R50.84"),),
        now=clock,
    )
    with unit_of_work(shadowed.engine) as session:
        trials.record(session, tried, TrialKind.SEEDED, coder="ana", by="lead", at=clock())
    replace(shadowed, trials=seeded).open(tried, coder="ana")
    queue.wait()
    with unit_of_work(shadowed.engine, write=False) as session:
        planted = trials.seeded_for(session)
    assert (planted == ()) == bool(lists(shadowed.engine))


def test_the_candidate_knows_what_the_model_in_use_knows(
    engine: Engine,
    tables: CodeTables,
    clock: Clock,
    queue: ShadowQueue,
    chosen: str,
    tmp_path: Path,
    a_note: Callable[..., int],
) -> None:
    tiny_fused_checkpoint(tmp_path / "now", sharpness=1.0)
    coder = Coder.load(tmp_path / "now")
    coding = Coding(engine=engine, coder=coder, tables=tables, version="0", now=clock, shadow=queue)
    before = a_note("before", "Cough and fever.")
    Desk(coding=coding, opened=coding.open(before, coder="ana")).do(Kind.ACCEPT, "R50.9")
    queue.wait()
    coding.open(a_note("after", "Fever again."), coder="ana")
    queue.wait()
    names = [each.memory for each in lists(engine)[2:]]
    assert names == [coder.memory] * 2
    assert coder.memory != ""
    for each in (coding, queue):
        each.unlearn(["before"])
    coding.open(a_note("last", "And fever once more."), coder="ana")
    queue.wait()
    assert [each.memory for each in lists(engine)[4:]] == ["", ""]


def test_the_report_holds_both_lists_against_what_came_to_stand(
    shadowed: Coding, queue: ShadowQueue, chosen: str, a_note: Callable[..., int], clock: Clock
) -> None:
    service = shadowing(shadowed.engine, clock)
    assert shadowed.coder is not None
    both = {"in_use": shadowed.coder.checkpoint, "candidate": chosen}
    assert service.report(**both).scored == 0
    for number in range(3):
        note_id = a_note(str(number), f"Fever and cough, note {number}.")
        desk = Desk(coding=shadowed, opened=shadowed.open(note_id, coder="ana"))
        assert desk.do(Kind.ACCEPT, "R50.9") is None
        assert desk.do(Kind.REJECT, "I10", reason="not in the note") is None
        added = desk.do(Kind.ADD, "Z99.2")
        assert added is None
        if number < 2:
            assert desk.do(Kind.FINISH) is None
    queue.wait()
    before = service.state(**both)
    report = service.report(**both)
    assert (report.scored, report.unfinished, report.on_trial) == (3, 1, 0)
    assert report.comparison.notes == 2
    assert [(each.kind, each.codes, each.notes) for each in report.places] == [
        ("accepted", 2, 2),
        ("added", 2, 2),
        ("rejected", 2, 2),
    ]
    added_place = report.places[1]
    assert added_place.unlisted_a == 2  # the network in use does not know the code
    assert report.comparison.a.checkpoint == shadowed.coder.checkpoint
    told = {(each.code, each.notes) for each in report.comparison.codes}
    assert {("R50.9", 2), ("Z99.2", 2)} <= told
    with unit_of_work(shadowed.engine) as session:
        models.shadow(session, None, by="lead", at=clock())
    assert service.state(**both) == before


def test_a_lead_starts_and_stops_the_shadow(
    engine: Engine, chosen: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, candidate: Path
) -> None:
    monkeypatch.setenv("EVICODE_MODELS", str(candidate.parent))
    service = shadowing(engine, clock)
    service.stop(by="lead")
    assert [each.shadow for each in service.candidates() if each.checkpoint == chosen] == [False]
    service.start(chosen, by="lead")
    assert [each.shadow for each in service.candidates() if each.checkpoint == chosen] == [True]
    with unit_of_work(engine, write=False) as session:
        assert models.shadowing(session) == chosen
