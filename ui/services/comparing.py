"""Comparing: a model held against another in a process of its own; what was found is kept.

A comparison lies in the folder of models, under the hashes of both models and what they were
compared on: it speaks of these two and no others. It holds codes and figures, no word of a note.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.commands.writing import write_whole
from core.comparing import Comparison
from core.errors import BadInput
from core.settings import settings
from ui.services.candidates import Candidate, Candidates, models_folder, named
from ui.services.failures import logged

KEPT = ".comparisons"  # folder; hidden, so that it is not taken for a model
FEEDBACK = "feedback"
ROOT = Path(__file__).resolve().parents[2]
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from ui.services.compared_apart import main; "
    "main()"
)
STOPPED = "It was stopped; nothing was kept."


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which models are compared (hashes), and on what: feedback, or the corpus of the settings."""

    a: str
    b: str
    on: str = FEEDBACK

    @property
    def key(self) -> str:
        """A name for it that fits a file."""
        return hashlib.sha256(f"{self.a} {self.b} {self.on}".encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A comparison, and who made it when."""

    asked: Asked
    found: Comparison
    by: str
    at: datetime


@dataclass(kw_only=True)
class Running:
    """The comparison at work, or how the last one ended."""

    asked: Asked
    by: str
    share: float = 0.0
    ended: bool = False
    problem: str | None = None  # why it came to nothing
    process: subprocess.Popen[str] | None = field(default=None, repr=False)
    stopped: bool = False


@dataclass
class Desk:
    """Holds the one comparison at work, for all sessions."""

    running: Running | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """Comparisons, one at a time."""

    engine: Engine
    models: Candidates
    now: Callable[[], datetime]
    folder: Callable[[], Path] = models_folder
    desk: Desk = field(default_factory=Desk, repr=False)

    def candidates(self) -> tuple[Candidate, ...]:
        """The models that can be compared, the one in use first."""
        return self.models()

    def grounds(self) -> tuple[str, ...]:
        """What can be compared on: feedback, and the corpus the settings name, by its layout."""
        chosen = settings()
        return (FEEDBACK,) if not chosen.base_corpus else (FEEDBACK, chosen.base_corpus_layout)

    def start(self, asked: Asked, *, by: str) -> None:
        """Begin. BadInput if another one is at work, or if both are the same model."""
        if asked.a == asked.b:
            raise BadInput("a model cannot be compared with itself; choose another")
        if asked.on not in self.grounds():
            raise BadInput("there is nothing of that name to compare on; choose again")
        there = self.models()
        folders = [(str(named(there, each).folder), each) for each in (asked.a, asked.b)]
        corpus = None
        if asked.on != FEEDBACK:
            corpus = settings().base_corpus_layout, str(settings().base_corpus)
        request = {
            "models": folders,
            "corpus": corpus,
            "database": self.engine.url.render_as_string(hide_password=False),
        }
        with self.desk.lock:
            if self.desk.running is not None and not self.desk.running.ended:
                raise BadInput("another comparison is at work; wait for it, or stop it")
            running = self.desk.running = Running(asked=asked, by=by)
        at_work = threading.Thread(
            target=self._compare, args=(running, request), name="compare", daemon=True
        )
        at_work.start()

    def running(self) -> Running | None:
        """The comparison at work, or the last one; None if there was none."""
        return self.desk.running

    def stop(self) -> None:
        """End what is at work; nothing is kept of it."""
        running = self.desk.running
        if running is not None and not running.ended:
            running.stopped = True
            if running.process is not None:
                running.process.kill()

    def kept(self, asked: Asked) -> Kept | None:
        """What was found when these two were last compared on this; None if they were not."""
        try:
            said = json.loads(self._file(asked).read_text(encoding="utf-8"))
            found = Comparison.from_json(json.dumps(said["found"]))
            at = datetime.fromisoformat(said["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if (found.a.checkpoint, found.b.checkpoint) != (asked.a, asked.b):
            return None
        return Kept(asked=asked, found=found, by=str(said["by"]), at=at)

    def _file(self, asked: Asked) -> Path:
        return self.folder() / KEPT / f"{asked.key}.json"

    def _compare(self, running: Running, request: dict[str, Any]) -> None:  # Any: plain JSON
        try:
            found = _apart(running, request)
            if found is not None:
                self._keep(running, found)
        except Exception as error:  # noqa: BLE001  (logged; a lead is told)
            running.problem = f"Something went wrong (number {logged(error)} in the log)."
        finally:
            if running.stopped:
                running.problem = STOPPED
            running.ended = True

    def _keep(self, running: Running, found: Comparison) -> None:
        said = {
            "asked": {"a": running.asked.a, "b": running.asked.b, "on": running.asked.on},
            "by": running.by,
            "at": self.now().isoformat(),
            "found": found.to_json(),
        }
        file = self._file(running.asked)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(said, indent=1) + "\n")


def _apart(running: Running, request: dict[str, Any]) -> Comparison | None:  # Any: plain JSON
    """Ask the process; None if it was stopped or found a problem, which `running` then says."""
    process = subprocess.Popen(  # noqa: S603  (our interpreter, our module)
        [sys.executable, "-X", "utf8", "-c", START, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback there might hold note text
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # the cores are the coders'
    )
    running.process = process
    try:
        if running.stopped or process.stdin is None or process.stdout is None:
            return None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        for line in process.stdout:
            said = json.loads(line)
            running.share = said.get("share", running.share)
            if "problem" in said:
                running.problem = said["problem"]
                return None
            if "found" in said:
                return Comparison.from_json(json.dumps(said["found"]))
        if not running.stopped:
            raise ChildProcessError(process.wait())
        return None
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def as_columns(found: Comparison) -> dict[str, list[object]]:
    """Every code of a comparison, in columns."""
    names = (
        *("system", "code", "notes", "standing", "only"),
        *("hits_a", "hits_b", "wrong_a", "wrong_b", "rank_a", "rank_b"),
        *("f1_a", "f1_b", "difference", "low", "high", "chance"),
    )
    return {name: [getattr(each, name) for each in found.codes] for name in names}
