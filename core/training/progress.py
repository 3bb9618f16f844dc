"""How far a run is: a small file that other processes read while it goes on.

It is replaced at once, so that a reader finds the state before or after, never half of one. It
holds no words of notes and no paths.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from core.errors import EvicodeError

EVERY = 0.5  # seconds between two writings


class Phase(StrEnum):
    """What a run is doing."""

    READING = "reading"
    PREPARING = "preparing"
    LEARNING = "learning"
    SAVING = "saving"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is. `seconds_left` of learning: None until it can be told."""

    phase: Phase = Phase.READING
    epochs_done: float = 0.0
    epochs: int = 0
    seconds_left: float | None = None
    reason: str = ""  # why it failed


@dataclass(kw_only=True)
class ProgressFile:
    """Writes Progress to `path`; without one, nowhere."""

    path: Path | None
    clock: Callable[[], float] = time.monotonic
    last: Progress = field(default_factory=Progress)
    _written: float | None = None
    _first: tuple[float, float] | None = None  # time and epochs done where this process began

    def phase(self, phase: Phase, *, reason: str = "") -> None:
        """A new phase; written at once."""
        self._write(replace(self.last, phase=phase, seconds_left=None, reason=reason))

    def learned(self, done: float, epochs: int) -> None:
        """So many epochs of all are learned; fractions too. Written now and then."""
        now = self.clock()
        if self._first is None:
            self._first = now, done
        if self._written is not None and now - self._written < EVERY and done < epochs:
            return
        spent, since = now - self._first[0], done - self._first[1]
        left = spent / since * (epochs - done) if since > 0 else None
        learning = Progress(phase=Phase.LEARNING, epochs_done=done, epochs=epochs)
        self._write(replace(learning, seconds_left=left))

    @contextmanager
    def told_how_it_ends(self) -> Iterator[None]:
        """Done, or failed and why; of an error that is not ours, its kind alone."""
        try:
            yield
        except EvicodeError as error:
            self.phase(Phase.FAILED, reason=str(error))
            raise
        except OSError as error:
            why = error.strerror or type(error).__name__
            self.phase(Phase.FAILED, reason=f"a file cannot be read or written ({why})")
            raise
        except (Exception, KeyboardInterrupt) as error:
            self.phase(Phase.FAILED, reason=type(error).__name__)
            raise
        self.phase(Phase.DONE)

    def _write(self, progress: Progress) -> None:
        self.last, self._written = progress, self.clock()
        if self.path is None:
            return
        draft = self.path.with_name(f"{self.path.name}.draft")
        draft.write_text(json.dumps(asdict(progress)), encoding="utf-8")
        draft.replace(self.path)


def read_progress(path: Path) -> Progress | None:
    """What the run last said; None if it said nothing yet."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Progress(**{**fields, "phase": Phase(fields["phase"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
