"""Evidence that takes seconds, computed in the background so that decisions never wait for it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Lock

from core.inference import Coder
from core.types import Code, Explanation, Note
from db.records import Computed
from ui.services.remembering import Remembering

KEPT = 256  # results at hand; the database keeps more

Key = tuple[str, str, str, Code, str]


class Explainer:
    """Computes explanations one at a time and remembers them. Shared by all sessions."""

    def __init__(self, coder: Coder, remembering: Remembering | None = None) -> None:
        self._coder = coder
        self._remembering = remembering or Remembering(coder=coder, now=_now)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explain")
        self._jobs: dict[Key, Future[Computed]] = {}
        self._lock = Lock()

    def ask(
        self, note: Note, code: Code, method: str, *, patience: float = 0.0
    ) -> Explanation | None:
        """The explanation if it is there within `patience` seconds, else None meanwhile.

        What was asked for last comes first: work that has not begun gives way, and whoever still
        wants it asks again. Raises what the computation raised, once; asking again tries again.
        """
        computed = self.look(note, code, method, patience=patience)
        return None if computed is None else computed.explanation

    def look(
        self, note: Note, code: Code, method: str, *, patience: float = 0.0
    ) -> Computed | None:
        """The same with the time at which it was computed."""
        key = (self._coder.memory, note.id, note.text, code, method)
        with self._lock:
            job = self._jobs.get(key)
        if job is None:
            known = self._remembering.find(note, [code], method).get(code)
            if known is not None:
                return known
            job = self._begin(key, note, code, method)
            if not patience:
                return None
        if not wait([job], timeout=patience).done:
            return None
        with self._lock:
            if job.cancelled():
                return None
            if job.exception() is not None:
                self._jobs.pop(key, None)
        return job.result()

    def wait(self) -> None:
        """Return when all that was asked for is computed."""
        with self._lock:
            jobs = list(self._jobs.values())
        wait(jobs)

    def _begin(self, key: Key, note: Note, code: Code, method: str) -> Future[Computed]:
        """Begin to compute it, unless somebody else has begun meanwhile."""
        with self._lock:
            if key not in self._jobs:
                self._make_way()
                self._jobs[key] = self._pool.submit(self._explain, note, code, method)
            return self._jobs[key]

    def _explain(self, note: Note, code: Code, method: str) -> Computed:
        return self._remembering.explain(note, [code], method)[code]

    def _make_way(self) -> None:
        for key in [key for key, job in self._jobs.items() if job.cancel()]:
            del self._jobs[key]
        while len(self._jobs) >= KEPT:
            del self._jobs[next(iter(self._jobs))]


def _now() -> datetime:
    return datetime.now(UTC)
