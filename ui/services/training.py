"""Training: what coders decided becomes a model, in a process of its own beside the app.

A run writes what it learns into a private folder, starts `python -m core finetune`, and is looked
at through that folder. Done, its checkpoint is registered as a model, and the text of notes goes.
"""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.corpora import held_out
from core.errors import BadInput, Conflict, EvicodeError
from core.inference import shipped_checkpoint
from core.settings import Settings, settings
from core.training.progress import Phase, Progress
from core.types import Note
from db import models, tombstones, training, unit_of_work
from db.export import whole, write_corpus, write_feedback
from db.kinds import Filter, days
from db.models import StoredModel
from db.training import Run, Step
from ui.services.failures import logged
from ui.services.model_folders import folder_of, hash_of, models_folder
from ui.services.teaching import Material, material, untaught
from ui.services.training_process import RunFolder

__all__ = ["Asked", "Material", "Phase", "Progress", "Seen", "State", "Training"]

_PATH = re.compile(r"(?:/[^\s/:;,()']+)+/([^\s/:;,()']+)")  # and the name at its end
_LIMITS: Mapping[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "learning_rate": (1e-6, 1.0),
    "min_count": (1, 1000),
    "rehearse": (0.0, 20.0),
}


class State(StrEnum):
    """What a run is doing, or what became of it."""

    GOES_ON = "goes on"
    STOPPED = "stopped"  # its process was killed, or went with the machine
    ELSEWHERE = "goes on elsewhere"  # on another machine with the same database
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"
    DISCARDED = "discarded"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a lead wants a model to be taught."""

    since: date | None = None  # decisions of that day (UTC) or later; None: all
    finished: bool = False  # decisions in finished charts alone
    epochs: int = 5
    learning_rate: float = 1e-3
    min_count: int = 3  # notes a new code needs
    charts: bool = True  # rehearse finished charts, all codes of which are taken as known
    corpus: bool = False  # rehearse the base corpus
    rehearse: float = 1.0  # rehearsed charts for each note, an epoch


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A run as it is now. `progress`: where its process was when it last said so."""

    run: Run
    state: State
    progress: Progress | None = None
    is_here: bool = True  # whether this machine keeps what it has learned so far

    @property
    def can_go_on(self) -> bool:
        """Whether it can be resumed from its last full epoch."""
        return self.is_here and self.state in (State.STOPPED, State.CANCELLED, State.FAILED)


@dataclass(frozen=True, kw_only=True)
class Training:
    """Runs of training on feedback: one at a time, in a process of its own."""

    engine: Engine
    now: Callable[[], datetime]
    folder: Path = field(default_factory=models_folder)  # of the models trained here
    chosen: Callable[[], Settings] = settings

    def has_base_corpus(self) -> bool:
        """Whether the settings name a corpus to rehearse."""
        return self.chosen().base_corpus is not None

    def material(self, asked: Asked) -> Material:
        """What there is to learn from now."""
        with unit_of_work(self.engine, write=False) as session:
            start = untaught(session, models.in_use(session))
            runs = training.every(session)
            last = next((run for run in runs if run.step is Step.DONE), None)
            return material(
                session,
                where=self._where(asked, until=None),
                min_count=asked.min_count,
                start=start,
                checkpoint=self._folder_of(start.hash if start else None),
                after=last.asked_at if last else None,
            )

    def start(self, asked: Asked, *, by: str) -> Seen:
        """Begin a run. BadInput if there is nothing to learn; Conflict if another goes on."""
        _check(asked)
        if asked.corpus and not self.has_base_corpus():
            raise BadInput("the settings name no base corpus; set base_corpus, or leave it out")
        if not self.material(asked).decisions:
            raise BadInput("nobody decided anything that can be learned; widen the days")
        self.current()  # what ended while nobody looked is put on record first
        at = self.now()
        with unit_of_work(self.engine, write=False) as session:
            start = untaught(session, models.in_use(session))
            parent = hash_of(self._folder_of(start.hash if start else None))
        said = {**asdict(asked), "since": asked.since and asked.since.isoformat()}
        name, folder = self._fresh(at)
        folder.make()
        try:
            with folder.held() as lock:
                with unit_of_work(self.engine) as session:
                    told = {**said, "parent": parent, "until": at.isoformat(), "held_out": "1/5"}
                    run = training.ask(session, name, told, by=by, at=at)
                self._launch(run, Step.STARTED, lock=lock, by=by)
        except Conflict:
            folder.remove()
            raise
        return self._seen(run.name)

    def go_on(self, name: str, *, by: str) -> Seen:
        """Resume a run from its last full epoch."""
        self.forget_deleted()
        folder = self._run_folder(name)
        if not folder.is_here():
            raise Conflict("nothing of this training run is kept here; start a new one")
        with folder.held() as lock:
            with unit_of_work(self.engine, write=False) as session:
                run = training.find(session, name)
            self._launch(run, Step.RESUMED, lock=lock, by=by)
        return self._seen(name)

    def cancel(self, name: str, *, by: str) -> Seen:
        """Stop a run; what it has learned so far is kept, to be resumed or discarded."""
        self._run_folder(name).stop()
        seen = self._seen(name)
        if seen.run.goes_on:  # else it was done, or failed, just before
            self._say(name, Step.CANCELLED, by=by)
        return self._seen(name)

    def discard(self, name: str, *, by: str, reason: str = "") -> Seen:
        """Stop a run and delete all that is kept of it."""
        folder = self._run_folder(name)
        folder.stop()
        if self._seen(name).state is not State.DONE:
            self._say(name, Step.DISCARDED, by=by, reason=reason or None)
            folder.remove()
        return self._seen(name)

    def current(self) -> Seen | None:
        """The run that goes on, or the newest that can be resumed or discarded."""
        runs = self.listing()
        going = next((each for each in runs if each.run.goes_on), None)
        return going or next((each for each in runs if each.can_go_on), None)

    def listing(self) -> tuple[Seen, ...]:
        """All runs, the newest first; what ended while nobody looked is put on record."""
        with unit_of_work(self.engine, write=False) as session:
            runs = training.every(session)
        return tuple(self._look(run) for run in runs)

    def tidy(self) -> None:
        """Put on record what ended while the app was down. What goes wrong is logged."""
        try:
            self.forget_deleted()
            self.listing()
        except Exception as error:  # noqa: BLE001  (the next who looks tries again)
            logged(error)

    def forget_deleted(self) -> None:
        """Discard what holds the words of notes that were deleted; ends a run that learns them."""
        with unit_of_work(self.engine, write=False) as session:
            runs = [run for run in training.every(session) if run.step is not Step.DONE]
            gone = tombstones.digests(session)
        for run in runs:
            folder = self._run_folder(run.name)
            if gone and folder.is_here() and folder.holds(gone):
                self.discard(run.name, by=run.asked_by, reason="it held a note that was deleted")

    def _launch(self, run: Run, step: Step, *, lock: int, by: str) -> None:
        """Write what is missing, start the process, and say so; else say why not."""
        folder = self._run_folder(run.name)
        try:
            self._write(run, folder)
            arguments = self._arguments(run, folder)
            with unit_of_work(self.engine) as session:
                training.append(session, run.name, step, by=by, at=self.now())
                process = folder.start(arguments, lock=lock)
        except (EvicodeError, OSError) as error:
            if step is Step.STARTED and not isinstance(error, Conflict):
                self._say(run.name, Step.FAILED, by=by, reason=_in_words(str(error)))
            raise
        threading.Thread(
            target=self._wait, args=(process, run.name), name="training", daemon=True
        ).start()

    def _wait(self, process: subprocess.Popen[bytes], name: str) -> None:
        """Put on record how it ended, if the app is still there to see it."""
        process.wait()
        try:
            self._seen(name)
        except Exception as error:  # noqa: BLE001  (the next look tries again)
            logged(error)

    def _write(self, run: Run, folder: RunFolder) -> None:
        asked, until = run.settings, datetime.fromisoformat(run.settings["until"])
        where = self._where(_asked(asked), until=until)
        with unit_of_work(self.engine, write=False) as session:
            if not folder.feedback.exists():
                with whole(folder.feedback) as file:
                    write_feedback(session, file, where=where, wanted=_is_learned)
            if asked["charts"] and not folder.charts.exists():
                with whole(folder.charts) as file:
                    write_corpus(session, file, wanted=_is_learned)

    def _arguments(self, run: Run, folder: RunFolder) -> list[str]:
        asked, chosen = run.settings, self.chosen()
        with unit_of_work(self.engine, write=False) as session:
            found = models.find(session, asked["parent"])
            parent = self._folder_of(found.hash if found else None)
        if hash_of(parent) != asked["parent"]:
            raise Conflict("the model this run starts from is not there any more; start a new run")
        given: dict[str, object] = {
            "checkpoint": parent.resolve(),
            "feedback": folder.feedback.resolve(),
            "out": folder.model.resolve(),
            "progress": (folder.path / "progress.json").resolve(),
            **{name.replace("_", "-"): asked[name] for name in _LIMITS},
        }
        if folder.charts.exists() and folder.charts.stat().st_size:
            given["charts"] = folder.charts.resolve()
        if asked["corpus"] and chosen.base_corpus is not None:
            given |= {"corpus": chosen.base_corpus_layout, "dir": chosen.base_corpus.resolve()}
        return [
            "finetune",
            *(part for name, value in given.items() for part in _option(name, value)),
        ]

    def _seen(self, name: str) -> Seen:
        with unit_of_work(self.engine, write=False) as session:
            run = training.find(session, name)
        return self._look(run)

    def _look(self, run: Run) -> Seen:
        """The run as it is now; puts on record how it ended, if it has."""
        folder = self._run_folder(run.name)
        if not run.goes_on:
            state, here = State(run.step.value), folder.is_here()
            return Seen(run=run, state=state, progress=folder.progress(), is_here=here)
        if not folder.is_here():
            return Seen(run=run, state=State.ELSEWHERE, is_here=False)
        if folder.is_alive():
            return Seen(run=run, state=State.GOES_ON, progress=folder.progress())
        try:
            with folder.held():  # one of those who look does it
                return self._settled(run.name, folder)
        except (Conflict, FileNotFoundError):
            with unit_of_work(self.engine, write=False) as session:
                again = training.find(session, run.name)
            state = State.GOES_ON if again.goes_on else State(again.step.value)
            return Seen(run=again, state=state, progress=folder.progress())

    def _settled(self, name: str, folder: RunFolder) -> Seen:
        """A run whose process is gone: done, failed, or stopped without a word."""
        with unit_of_work(self.engine, write=False) as session:
            run = training.find(session, name)
        progress = folder.progress()
        if not run.goes_on or progress is None:
            state = State.STOPPED if run.goes_on else State(run.step.value)
            return Seen(run=run, state=state, progress=progress)
        if progress.phase is Phase.DONE:
            run = self._adopt(run, folder)
            folder.remove()
            return Seen(run=run, state=State.DONE, progress=progress)
        if progress.phase is Phase.FAILED:
            reason = _in_words(progress.reason)
            run = self._say(name, Step.FAILED, by=run.asked_by, reason=reason)
            return Seen(run=run, state=State.FAILED, progress=progress)
        return Seen(run=run, state=State.STOPPED, progress=progress)

    def _adopt(self, run: Run, folder: RunFolder) -> Run:
        """Take the checkpoint among the models."""
        target = self.folder / run.name
        if folder.model.is_dir():  # else it was moved before somebody killed the app
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.move(folder.model, target)
        learned = json.loads((target / "metrics.json").read_text("utf-8"))["lineage"][-1]
        model = StoredModel(
            hash=hash_of(target),
            name=run.name,
            folder=run.name,
            parent=run.settings["parent"],
            lineage={**learned, "run": run.name, "asked": dict(run.settings)},
        )
        with unit_of_work(self.engine) as session:
            models.register(session, model, by=run.asked_by, at=self.now())
            return training.append(
                session, run.name, Step.DONE, by=run.asked_by, at=self.now(), model=model.hash
            )

    def _say(self, name: str, step: Step, *, by: str, reason: str | None = None) -> Run:
        with unit_of_work(self.engine) as session:
            return training.append(session, name, step, by=by, at=self.now(), reason=reason)

    def _where(self, asked: Asked, *, until: datetime | None) -> Filter:
        since = days(asked.since, None)["since"]
        return Filter(since=since, until=until, finished=asked.finished)

    def _folder_of(self, checkpoint: str | None) -> Path:
        """The folder of a model; None: of the checkpoint Evicode came with."""
        if checkpoint is None:
            return shipped_checkpoint()
        with unit_of_work(self.engine, write=False) as session:
            found = models.find(session, checkpoint)
        if found is None:
            raise BadInput(f"no model {checkpoint[:12]} is registered; choose another")
        return folder_of(found.folder, within=self.folder)

    def _run_folder(self, name: str) -> RunFolder:
        return RunFolder(self.folder.parent / "training" / name)

    def _fresh(self, at: datetime) -> tuple[str, RunFolder]:
        """A name no run and no model has yet."""
        base = f"learned-{at:%Y%m%d-%H%M%S}"
        names = (base, *(f"{base}-{number}" for number in range(2, 100)))
        free = (
            name
            for name in names
            if not self._run_folder(name).is_here() and not (self.folder / name).exists()
        )
        name = next(free)
        return name, self._run_folder(name)


def _is_learned(note: Note) -> bool:
    return not held_out(note.id)


def _check(asked: Asked) -> None:
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(asked, name) <= most:
            what = name.replace("_", " ")
            raise BadInput(f"{what} is a number from {least:g} to {most:g}; enter one")


def _asked(told: Mapping[str, Any]) -> Asked:  # Any: plain JSON
    since = told["since"]
    return Asked(since=since and date.fromisoformat(since), finished=told["finished"])


def _option(name: str, value: object) -> tuple[str, str]:
    return f"--{name}", str(value)


def _in_words(reason: str) -> str:
    """Why a run failed, for a lead: without paths, and an error of the program by its kind."""
    if reason == "MemoryError":
        return "memory ran out; rehearse fewer charts, or train on a larger machine"
    if reason.isidentifier():
        return f"something went wrong in the program ({reason}); resume, or tell who runs it"
    return _PATH.sub(r"\1", reason)
