"""Work in the background: one thing at a time, the last asked for first, and remembered."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from core.errors import Cancelled
from core.explanations.reading import Progress

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass
class Work(Generic[Value]):
    """How far one computation is, and whether anybody still wants it."""

    share: float = 0.0
    called_off: bool = False
    future: Future[Value] = field(default_factory=Future)

    def tell(self, share: float) -> None:
        """What the computation reports to; ends it when it is called off."""
        if self.called_off:
            raise Cancelled("the work was called off; ask for it again")
        self.share = share


class Background(Generic[Key, Value]):
    """Computes values by key, so that nobody has to wait. Shared by all sessions.

    The same key must always mean the same value.
    """

    def __init__(self, name: str, *, kept: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._kept = kept
        self._jobs: dict[Key, Work[Value]] = {}
        self._lock = Lock()

    def __contains__(self, key: Key) -> bool:
        """Whether it is at hand or at work."""
        with self._lock:
            return key in self._jobs

    def look(
        self, key: Key, compute: Callable[[Progress], Value], *, patience: float = 0.0
    ) -> Value | None:
        """The value if it is there within `patience` seconds, else None meanwhile.

        What was asked for last comes first: work that has not begun gives way, and whoever still
        wants it asks again. Raises what the computation raised, once; asking again tries again.
        """
        begun = key in self
        work = self._begin(key, compute)
        if not begun and not patience:
            return None
        if not wait([work.future], timeout=patience).done or work.future.cancelled():
            return None
        error = work.future.exception()
        if error is not None:
            with self._lock:
                self._jobs.pop(key, None)
        return None if isinstance(error, Cancelled) else work.future.result()

    def progress(self, key: Key) -> float | None:
        """The share of the work that is done, in [0, 1]; None if nobody asked for it."""
        with self._lock:
            work = self._jobs.get(key)
        return None if work is None else 1.0 if work.future.done() else work.share

    def call_off(self, key: Key) -> None:
        """End the work at the next step. Whoever else still wants it asks again."""
        with self._lock:
            work = self._jobs.get(key)
            if work is not None:
                work.called_off = True
                if work.future.cancel():  # it had not begun
                    del self._jobs[key]

    def clear(self) -> None:
        """Keep nothing that is at hand, and end what is at work: whoever wants it asks again."""
        with self._lock:
            for work in self._jobs.values():
                work.called_off = True
                work.future.cancel()
            self._jobs.clear()

    def wait(self) -> None:
        """Return when all that was asked for is computed."""
        with self._lock:
            jobs = [work.future for work in self._jobs.values()]
        wait(jobs)

    def _begin(self, key: Key, compute: Callable[[Progress], Value]) -> Work[Value]:
        """Begin to compute it, unless somebody has begun already."""
        with self._lock:
            if key not in self._jobs:
                self._make_way()
                work = self._jobs[key] = Work[Value]()
                work.future = self._pool.submit(compute, work.tell)
            return self._jobs[key]

    def _make_way(self) -> None:
        for key in [key for key, work in self._jobs.items() if work.future.cancel()]:
            del self._jobs[key]
        while len(self._jobs) >= self._kept:
            del self._jobs[next(iter(self._jobs))]
