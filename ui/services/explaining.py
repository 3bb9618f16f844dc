"""Evidence that takes seconds, computed in the background so that decisions never wait for it."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from core.inference import Coder
from core.types import Code, Explanation, Note

KEPT = 256  # results remembered


class Explainer:
    """Computes explanations one at a time and remembers them. Shared by all sessions."""

    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explain")
        self._jobs: dict[tuple[str, str, Code, str], Future[Explanation]] = {}
        self._lock = Lock()

    def ask(
        self, note: Note, code: Code, method: str, *, patience: float = 0.0
    ) -> Explanation | None:
        """The explanation if it is there within `patience` seconds, else None meanwhile.

        What was asked for last comes first: work that has not begun gives way, and whoever still
        wants it asks again. Raises what the computation raised, once; asking again tries again.
        """
        key = (self._coder.memory, note.text, code, method)
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                self._make_way()
                job = self._pool.submit(self._explain, note, code, method)
                self._jobs[key] = job
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

    def _explain(self, note: Note, code: Code, method: str) -> Explanation:
        (explanation,) = self._coder.explain(note, [code], method=method)
        return explanation

    def _make_way(self) -> None:
        for key in [key for key, job in self._jobs.items() if job.cancel()]:
            del self._jobs[key]
        while len(self._jobs) >= KEPT:
            del self._jobs[next(iter(self._jobs))]
