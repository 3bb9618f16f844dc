"""What coding each new chart next would teach, found out in the background and put in order.

Nobody waits: a look gives what is known so far, and begins to find out more. What is known is kept
in the database, so that a long worklist is read once for a checkpoint, not once for a start.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock, Thread

from sqlalchemy import Engine

from core.active import Kind, Prospect, Unit, ordered
from core.inference import Coder
from db import benefits, notes, unit_of_work
from db.benefits import Kept
from ui.services.failures import logged

__all__ = ["Benefit", "Benefits", "Kind"]

AT_ONCE = 200  # notes that one look has read at most
TOGETHER = 20  # notes that are kept together
APART = 200  # places at the front in which notes that teach the same stand apart
OLD = timedelta(minutes=30)  # from then on what memory learned since counts
REST = 2.0  # seconds between two rounds, and as many times as a round took to put in order


@dataclass(frozen=True, kw_only=True)
class Benefit:
    """What a chart would teach. `place` is its own in the order, from 0."""

    place: int
    counts: Mapping[Kind, int]
    expected: float  # codes


@dataclass
class _Found:
    """What this process knows; shared by all its sessions."""

    known: Mapping[int, Benefit] = field(default_factory=dict)
    worker: Thread | None = None
    again: float = 0.0  # when the next round may begin, by the monotonic clock
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, kw_only=True)
class Benefits:
    """Looks at notes whose charts nobody began. Decisions of their own are not in what it says."""

    engine: Engine
    coder: Coder
    now: Callable[[], datetime]
    found: _Found = field(default_factory=_Found, compare=False, repr=False)

    def look(self) -> Mapping[int, Benefit]:
        """What is known now, by note; what is not yet is being found out, a stretch at a time."""
        with self.found.lock:
            busy = self.found.worker is not None and self.found.worker.is_alive()
            if not busy and time.monotonic() >= self.found.again:
                self.found.worker = Thread(target=self._round, name="benefits", daemon=True)
                self.found.worker.start()
            return self.found.known

    def wait(self) -> None:
        """Return when the round under way is over."""
        worker = self.found.worker
        if worker is not None:
            worker.join()

    def _round(self) -> None:
        """Put in order what is kept, find out more, and put that in order too."""
        try:
            took = self._put_in_order()
            if self._find_out():
                took = self._put_in_order()
        except Exception as error:  # noqa: BLE001  (logged; the list stays in order of urgency)
            logged(error)
            took = 0.0
        self.found.again = time.monotonic() + REST * (1 + took)

    def _find_out(self) -> int:
        """Read some notes that wait for it; how many."""
        checkpoint, memory = self.coder.checkpoint, self.coder.memory
        with unit_of_work(self.engine, write=False) as session:
            waiting = benefits.waiting(
                session, checkpoint, memory=memory, before=self.now() - OLD, limit=AT_ONCE
            )
        for first in range(0, len(waiting), TOGETHER):
            with unit_of_work(self.engine, write=False) as session:
                those = [notes.kept(session, each) for each in waiting[first : first + TOGETHER]]
            some = [each for each in those if each.text]  # not deleted meanwhile
            read = self.coder.prospects([each.as_note() for each in some])
            kept = [
                Kept(
                    note_id=note.id,
                    checkpoint_hash=checkpoint,
                    memory=memory,
                    content=packed(found),
                    at=self.now(),
                )
                for note, found in zip(some, read, strict=True)
            ]
            with unit_of_work(self.engine) as session:
                benefits.keep(session, kept)
        return len(waiting)

    def _put_in_order(self) -> float:
        """Order what is kept of charts nobody began; how many seconds it took."""
        started = time.monotonic()
        with unit_of_work(self.engine, write=False) as session:
            kept = benefits.every(session, self.coder.checkpoint)
            new = benefits.not_begun(session)
        prospects = {each.note_id: unpacked(each.content) for each in kept}
        waiting = {note: each for note, each in prospects.items() if note in new}
        begun = [each for note, each in prospects.items() if note not in new]
        order = ordered(waiting, before=begun, first=APART)
        self.found.known = {
            note: Benefit(place=place, counts=waiting[note].counts, expected=waiting[note].expected)
            for place, (note, _) in enumerate(order)
        }
        return time.monotonic() - started


def packed(prospect: Prospect | None) -> str:
    """A prospect as compact JSON; None, of a note without words, is an empty one."""
    found = prospect or Prospect(units=(), counts={}, expected=0.0)
    content = {
        "units": [
            [each.kind.value, each.number, round(each.worth, 4), each.met] for each in found.units
        ],
        "counts": found.counts,
        "expected": round(found.expected, 2),
    }
    return json.dumps(content, separators=(",", ":"))


def unpacked(content: str) -> Prospect:
    """What `packed` made."""
    read = json.loads(content)
    return Prospect(
        units=tuple(Unit(Kind(k), int(n), float(w), int(met)) for k, n, w, met in read["units"]),
        counts={Kind(kind): int(count) for kind, count in read["counts"].items()},
        expected=float(read["expected"]),
    )
