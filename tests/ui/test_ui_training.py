"""Training on feedback: a process beside the app, stopped, killed, resumed; at last a model."""

import json
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from core.checkpoints import load_checkpoint
from core.corpora import held_out
from core.errors import BadInput, Conflict
from core.settings import Settings
from core.training.progress import Phase
from db import models, tombstones, training
from db.training import Step
from tests.models import tiny_checkpoint
from tests.ui.conftest import Clock, Desk
from tests.ui.decided import ASTHMA, decided_notes
from ui.services.intents import Kind
from ui.services.training import Asked, Seen, State, Training

LONG = Asked(epochs=1000, min_count=1)  # of some minutes
SHORT = Asked(epochs=2, min_count=1)
PATIENCE = 120.0  # seconds, on a busy machine


@pytest.fixture
def service(
    engine: Engine, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Training]:
    tiny_checkpoint(tmp_path / "tiny", "evicode")
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "tiny"))
    made = Training(engine=engine, now=clock, folder=tmp_path / "models")
    yield made
    for seen in made.listing():
        if seen.state is State.GOES_ON:
            made.discard(seen.run.name, by="lea")


@pytest.fixture
def taught(engine: Engine, clock: Clock) -> list[str]:
    return decided_notes(engine, clock)


def until(service: Training, wanted: Callable[[Seen], bool]) -> Seen:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        seen = service.listing()[0]
        if wanted(seen):
            return seen
        time.sleep(0.05)
    raise AssertionError(f"still {seen.state}, {seen.progress}")


def learning(seen: Seen) -> bool:
    """Whether an epoch is done, so that there is something to go on from."""
    assert seen.state is State.GOES_ON, seen
    return seen.progress is not None and seen.progress.epochs_done > 1


def over(seen: Seen) -> bool:
    return seen.state is not State.GOES_ON


def private(service: Training) -> Path:
    return service.folder.parent / "training"


def test_what_there_is_to_learn_from_is_counted_without_what_is_held_out(
    service: Training, taught: list[str]
) -> None:
    kept = [name for name in taught if held_out(name)]
    found = service.material(SHORT)
    assert (found.notes, found.held_out) == (len(taught) - len(kept), len(kept))
    assert (found.added, found.rejected, found.newer) == (
        2 * found.notes,
        found.notes,
        3 * found.notes,
    )
    assert found.new == ((ASTHMA, found.notes),)
    few = service.material(replace(SHORT, min_count=1000))
    assert (few.new, few.rare) == ((), 1)
    assert service.material(replace(SHORT, finished=True)).notes < found.notes


def test_a_finished_run_is_a_registered_model_and_leaves_no_text_of_a_note(
    service: Training, taught: list[str], engine: Engine, tmp_path: Path
) -> None:
    begun = service.start(SHORT, by="lea")
    assert begun.state is State.GOES_ON
    run = private(service) / begun.run.name
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    lines = [json.loads(line) for line in (run / "feedback.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [name for name in taught if not held_out(name)]
    assert {code["code"] for line in lines for code in line["rejected"]} == {"R07.9"}
    done = until(service, over)
    assert (done.state, done.run.step, done.run.asked_by) == (State.DONE, Step.DONE, "lea")
    with db.unit_of_work(engine, write=False) as session:
        (model,) = models.every(session)
        assert models.in_use(session) is None  # promoting is another decision
    checkpoint = load_checkpoint(service.folder / model.folder)
    parent = load_checkpoint(tmp_path / "tiny")
    assert checkpoint.hash == model.hash == done.run.model
    assert model.parent == parent.hash
    assert ASTHMA in checkpoint.spaces["icd"]
    assert model.lineage["asked"]["until"] == done.run.settings["until"]
    assert model.lineage["rehearsed"] == "charts"
    assert not list(private(service).iterdir())
    assert service.current() is None


def test_a_cancelled_run_keeps_its_epochs_and_is_resumed(
    service: Training, taught: list[str]
) -> None:
    name = service.start(LONG, by="lea").run.name
    before = until(service, learning).progress
    with pytest.raises(Conflict, match="lea asked for goes on"):
        service.start(SHORT, by="leo")
    assert service.cancel(name, by="leo").state is State.CANCELLED
    time.sleep(0.2)
    assert service.listing()[0].state is State.CANCELLED  # nobody goes on in secret
    assert service.go_on(name, by="leo").state is State.GOES_ON
    after = until(service, learning).progress
    assert before is not None
    assert after is not None
    assert after.epochs_done >= int(before.epochs_done)
    gone = service.discard(name, by="leo")
    assert (gone.state, gone.can_go_on) == (State.DISCARDED, False)
    assert not list(private(service).iterdir())


def test_a_killed_process_is_noticed_by_the_next_who_looks_and_resumed(
    service: Training, taught: list[str], engine: Engine, clock: Clock
) -> None:
    name = service.start(LONG, by="lea").run.name
    until(service, learning)
    os.killpg(int((private(service) / name / "pid").read_text()), signal.SIGKILL)
    after_a_restart = Training(engine=engine, now=clock, folder=service.folder)
    stopped = until(after_a_restart, over)
    assert (stopped.state, stopped.can_go_on) == (State.STOPPED, True)
    assert stopped.run.goes_on  # nothing was said of its end
    assert after_a_restart.go_on(name, by="leo").state is State.GOES_ON
    until(after_a_restart, learning)
    assert service.cancel(name, by="lea").state is State.CANCELLED


def test_a_decision_is_kept_at_once_while_a_run_goes_on(
    service: Training, taught: list[str], at_desk: Desk
) -> None:
    service.start(LONG, by="lea")
    until(service, learning)
    took = []
    for kind, code in ((Kind.ACCEPT, "R50.9"), (Kind.UNDO, None), (Kind.ACCEPT, "I10")):
        begun = time.monotonic()
        assert at_desk.do(kind, code) is None
        took.append(time.monotonic() - begun)
    assert service.listing()[0].state is State.GOES_ON
    assert max(took) < 2.0, took  # 20 ms on a machine with nothing else to do


def test_a_run_that_fails_says_why_and_where_no_path_is_told(
    service: Training, taught: list[str]
) -> None:
    corpus = service.folder.parent / "base"
    corpus.mkdir()
    named = replace(service, chosen=lambda: Settings(base_corpus=corpus))
    named.start(replace(SHORT, corpus=True), by="lea")
    failed = until(named, over)
    assert failed.state is State.FAILED
    assert failed.progress is not None
    assert failed.progress.phase is Phase.FAILED
    assert failed.run.reason == "base holds no jsonl corpus; see the README for its layout"
    assert failed.can_go_on


def test_nothing_to_learn_and_senseless_settings_are_refused(
    service: Training, a_note: Callable[..., int]
) -> None:
    a_note()
    with pytest.raises(BadInput, match="nobody decided anything"):
        service.start(SHORT, by="lea")
    with pytest.raises(BadInput, match="epochs is a number from 1 to 1000"):
        service.start(replace(SHORT, epochs=0), by="lea")
    with pytest.raises(BadInput, match="name no base corpus"):
        service.start(replace(SHORT, corpus=True), by="lea")
    assert service.listing() == ()


def test_what_is_kept_of_a_run_goes_with_a_note_that_is_deleted(
    service: Training, taught: list[str], engine: Engine, clock: Clock
) -> None:
    name = service.start(LONG, by="lea").run.name
    learned = next(number for number, name in enumerate(taught, start=1) if not held_out(name))
    until(service, learning)
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, learned, by="lea", reason="request 7", at=clock())
    service.forget_deleted()
    (gone,) = service.listing()
    assert (gone.run.name, gone.state) == (name, State.DISCARDED)
    assert gone.run.reason == "it held a note that was deleted"
    assert not list(private(service).iterdir())


def test_a_run_of_another_machine_is_not_taken_for_one_that_was_killed(
    service: Training, taught: list[str], engine: Engine, clock: Clock
) -> None:
    with db.unit_of_work(engine) as session:
        training.ask(session, "theirs", {"epochs": 5}, by="leo", at=clock())
    (seen,) = service.listing()
    assert (seen.state, seen.can_go_on) == (State.ELSEWHERE, False)
    with pytest.raises(Conflict, match="leo asked for goes on"):
        service.start(SHORT, by="lea")
    assert service.discard("theirs", by="lea").state is State.DISCARDED
