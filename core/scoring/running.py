"""Running a job: in this process, in several of this machine, or on a Ray cluster."""

import errno
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection

from core.errors import BadSettings, ScoringStopped
from core.scoring.job import Job, alone
from core.scoring.merging import Served, merge
from core.scoring.slices import Slice
from core.scoring.worker import Worker, on_one_thread

LOSSES = 3  # times in a row that workers may die without a part made in between
AHEAD = 2  # slices a worker has waiting
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Progress = Callable[[int], None]  # told how many notes were done just now


def nobody(_done: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Hands:
    """Who does the work."""

    workers: int = 1
    ray: bool = False


def score(job: Job, hands: Hands | None = None, *, progress: Progress = nobody) -> Served:
    """Do what is left of a job, then write its output whole.

    Errors: BadFile, BadSettings, BadCheckpoint before anything is scored; ScoringStopped if
    workers keep dying or the disk is full: the parts stay, and the same command goes on from them.
    """
    hands = hands or Hands()
    if hands.workers < 1:
        raise BadSettings(f"--workers {hands.workers}: at least 1 is needed")
    if job.top < 1:
        raise BadSettings(f"--top {job.top}: ask for at least 1 suggestion")
    job.check()
    next(job.slices(), None)  # a file that cannot be read is refused before the model is loaded
    with alone(job.out), _room(job), on_one_thread():
        own = Worker(job)
        job.begin(own.checkpoint)
        if hands.ray:
            from core.scoring.on_ray import score_on_ray  # an optional extra

            score_on_ray(job, hands.workers, progress, checkpoint=own.checkpoint)
        elif hands.workers == 1:
            for piece in job.left():
                progress(own.make(piece))
        else:
            del own
            _in_processes(job, hands.workers, progress)
        return merge(job)


@contextmanager
def _room(job: Job) -> Iterator[None]:
    """Say what a full disk means."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise ScoringStopped(
            f"there is no room left where {job.out} is written; what is done is kept: make room "
            "and repeat the command"
        ) from None


def _in_processes(job: Job, workers: int, progress: Progress) -> None:
    """Go round until nothing is left; a killed worker takes its pool along, never a part."""
    losses = 0
    while True:
        made = 0
        try:
            with _one_thread_each(), _pool(job, workers) as pool:
                for count in _through(pool, job.left(), ahead=AHEAD * workers):
                    made += 1
                    progress(count)
            return
        except BrokenProcessPool:
            losses = 1 if made else losses + 1
        if losses == LOSSES:
            raise ScoringStopped(
                f"worker processes died {LOSSES} times in a row (too little memory?); what is "
                "done is kept: repeat the command, perhaps with fewer --workers"
            )


def _through(pool: ProcessPoolExecutor, pieces: Iterator[Slice], *, ahead: int) -> Iterator[int]:
    """Hand out slices, a few at a time, so that memory does not grow with the job."""
    waiting: set[Future[int]] = set()
    for piece in pieces:
        waiting.add(pool.submit(_make, piece))
        if len(waiting) >= ahead:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (each.result() for each in done)


@contextmanager
def _pool(job: Job, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that end with the block: at once if it ends with an error or Ctrl-C."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_load,
        initargs=(job,),
    )
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()  # a part half made has no name yet
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers share the cores: each reads its number of threads when it starts."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


_worker: list[Worker] = []  # of this process: a pool's tasks can reach nothing else


def _load(job: Job) -> None:
    """Begin as a worker: end with the driver, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_driver, daemon=True).start()
    with on_one_thread():  # the setting of the environment holds afterwards
        _worker[:] = [Worker(job)]


def _end_with_driver() -> None:
    """A driver killed with -9 tells nobody, and its workers would wait for work for good."""
    driver = multiprocessing.parent_process()
    if driver is not None:
        connection.wait([driver.sentinel])
        os._exit(1)


def _make(piece: Slice) -> int:
    with on_one_thread():
        return _worker[0].make(piece)
