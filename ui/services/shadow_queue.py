"""The shadow at work: a candidate scores what coders open, behind their backs and in no hurry.

One thread, one note at a time. A coder never waits for it: what comes in while too much waits is
let go. Whatever goes wrong is logged and changes nothing. Nobody is shown what it says.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine

from core.inference import Coder
from core.types import Note, Suggestions
from db import lessons, models, phrases, shadow, unit_of_work
from db.records import Screen, StoredNote
from db.shadow import ShadowList
from ui.services.failures import logged

WAITING = 32  # notes at most; beyond that, charts are opened faster than they can be scored twice
LISTED = 50  # codes kept of each list
CODES = "icd"  # the task whose suggestions are codes to decide on

Load = Callable[[str], Coder]  # a coder of one's own, by the hash of its checkpoint


@dataclass(frozen=True)
class _Task:
    note: StoredNote = field(repr=False)
    screen_id: int
    in_use: ShadowList


class ShadowQueue:
    """Takes what was shown, and has the candidate score it. Shared by all sessions."""

    def __init__(self, engine: Engine, *, load: Load, now: Callable[[], datetime]) -> None:
        self._engine, self._load, self._now = engine, load, now
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._lock = threading.Lock()
        self._waiting: set[Future[None]] = set()
        self._coder: Coder | None = None  # of the pool's thread alone
        self._learned = 0  # the trail's last entry when it last learned
        self._failed: str | None = None  # a candidate that cannot be loaded is not tried again
        self.let_go = 0

    def put(self, screen: Screen, ranked: Suggestions, note: StoredNote) -> None:
        """Have the candidate, if there is one, score a note that was just shown. Never raises."""
        try:
            task = _Task(note, screen.id, _listed(ranked, screen.checkpoint, screen.thresholds))
            with self._lock:
                if len(self._waiting) >= WAITING:
                    self.let_go += 1
                    return
                future = self._pool.submit(self._run, task)
                self._waiting.add(future)
            future.add_done_callback(self._done)
        except Exception as error:  # noqa: BLE001  (logged; the coder has their list)
            logged(error)

    def unlearn(self, names: Iterable[str]) -> None:
        """Forget deleted notes: those that wait, and what the candidate learned of these names."""
        with self._lock:
            waiting = list(self._waiting)
        for future in waiting:  # whichever note they are of: a shadow may miss some
            future.cancel()
        self._pool.submit(self._forget, tuple(names))

    def wait(self) -> None:
        """Return when nothing waits."""
        with self._lock:
            waiting = list(self._waiting)
        wait(waiting)

    def _done(self, future: "Future[None]") -> None:
        with self._lock:
            self._waiting.discard(future)

    def _run(self, task: _Task) -> None:
        try:
            with unit_of_work(self._engine, write=False) as session:
                wanted = models.shadowing(session)
            coder = self._candidate(wanted)
            if coder is None or coder.checkpoint == task.in_use.checkpoint_hash:
                return
            self._learn(coder)
            said = coder.suggest(task.note.as_note())
            candidate = _listed(said, coder.name, coder.thresholds)
            with unit_of_work(self._engine) as session:
                shadow.record(
                    session,
                    task.note.id,
                    screen_id=task.screen_id,
                    in_use=task.in_use,
                    candidate=candidate,
                    at=self._now(),
                )
        except Exception as error:  # noqa: BLE001  (logged; nobody waits for it)
            logged(error)

    def _candidate(self, wanted: str | None) -> Coder | None:
        """The candidate, knowing what the model in use knows; let go when it is no longer one."""
        if wanted is None or wanted == self._failed:
            self._coder = None
            self._failed = wanted  # None: stopped, and tried again when it is started
            return None
        if self._coder is None or self._coder.checkpoint != wanted:
            self._coder = None
            try:
                coder = self._load(wanted)
            except Exception:
                self._failed = wanted
                raise
            with unit_of_work(self._engine, write=False) as session:
                _, self._learned = shadow.decided_since(session, None)
                coder.edit(phrases.edits(session))
                coder.learn_all((each.note, each.rejected) for each in lessons.every(session))
            self._coder = coder
        return self._coder

    def _learn(self, coder: Coder) -> None:
        """Let the candidate know what was decided since its last note."""
        with unit_of_work(self._engine, write=False) as session:
            changed, learned = shadow.decided_since(session, self._learned)
            taught = [lessons.of_note(session, note_id) for note_id in changed]
            coder.edit(phrases.edits(session))
        coder.learn_all((each.note, each.rejected) for each in taught)
        self._learned = learned

    def _forget(self, names: Iterable[str]) -> None:
        try:
            if self._coder is not None:
                self._coder.learn_all((Note(id=name, text=""), frozenset()) for name in names)
        except Exception as error:  # noqa: BLE001  (logged; what it knows is loaded anew)
            logged(error)
            self._coder = None


def _listed(said: Suggestions, name: str, thresholds: Mapping[str, float]) -> ShadowList:
    return ShadowList(
        checkpoint=name,
        checkpoint_hash=said.checkpoint,
        memory=said.memory,
        likely_from=thresholds.get(CODES, 0.5),
        codes={each.code: each.probability for each in islice(said.of(CODES), LISTED)},
    )
