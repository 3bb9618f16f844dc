"""Evidence that takes seconds, computed in the background so that decisions never wait for it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from core.errors import Cancelled
from core.inference import Coder
from core.types import Code, Explanation, Note
from db.records import Computed
from ui.services.remembering import Remembering

KEPT = 256  # results at hand; the database keeps more

Key = tuple[str, str, str, Code, str]


@dataclass
class Work:
    """How far one computation is, and whether anybody still wants it."""

    share: float = 0.0
    called_off: bool = False
    future: Future[Computed] = field(default_factory=Future)

    def tell(self, share: float) -> None:
        """What the method reports to; ends it when it is called off."""
        if self.called_off:
            raise Cancelled("the evidence was called off; ask for it again")
        self.share = share


class Explainer:
    """Computes explanations one at a time and remembers them. Shared by all sessions."""

    def __init__(self, coder: Coder, remembering: Remembering | None = None) -> None:
        self._coder = coder
        self._remembering = remembering or Remembering(coder=coder, now=_now)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explain")
        self._jobs: dict[Key, Work] = {}
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
        key = self._key(note, code, method)
        with self._lock:
            work = self._jobs.get(key)
        if work is None:
            known = self._remembering.find(note, [code], method).get(code)
            if known is not None:
                return known
            work = self._begin(key, note, code, method)
            if not patience:
                return None
        if not wait([work.future], timeout=patience).done or work.future.cancelled():
            return None
        error = work.future.exception()
        if error is not None:
            with self._lock:
                self._jobs.pop(key, None)
        return None if isinstance(error, Cancelled) else work.future.result()

    def progress(self, note: Note, code: Code, method: str) -> float | None:
        """The share of the work that is done, in [0, 1]; None if nobody asked for it."""
        with self._lock:
            work = self._jobs.get(self._key(note, code, method))
        return None if work is None else 1.0 if work.future.done() else work.share

    def call_off(self, note: Note, code: Code, method: str) -> None:
        """End the work at the next step. Whoever else still wants it asks again."""
        key = self._key(note, code, method)
        with self._lock:
            work = self._jobs.get(key)
            if work is not None:
                work.called_off = True
                if work.future.cancel():  # it had not begun
                    del self._jobs[key]

    def wait(self) -> None:
        """Return when all that was asked for is computed."""
        with self._lock:
            jobs = [work.future for work in self._jobs.values()]
        wait(jobs)

    def _key(self, note: Note, code: Code, method: str) -> Key:
        return (self._coder.memory, note.id, note.text, code, method)

    def _begin(self, key: Key, note: Note, code: Code, method: str) -> Work:
        """Begin to compute it, unless somebody else has begun meanwhile."""
        with self._lock:
            if key not in self._jobs:
                self._make_way()
                work = self._jobs[key] = Work()
                work.future = self._pool.submit(self._explain, note, code, method, work)
            return self._jobs[key]

    def _explain(self, note: Note, code: Code, method: str, work: Work) -> Computed:
        return self._remembering.explain(note, [code], method, progress=work.tell)[code]

    def _make_way(self) -> None:
        for key in [key for key, work in self._jobs.items() if work.future.cancel()]:
            del self._jobs[key]
        while len(self._jobs) >= KEPT:
            del self._jobs[next(iter(self._jobs))]


def _now() -> datetime:
    return datetime.now(UTC)
