"""A job on a Ray cluster (or a local one, if none is named by RAY_ADDRESS).

Ray Data keeps the workers alive and repeats what a lost one had begun; parts make that safe. The
input, the folder of the output and the checkpoint must lie where every machine sees them.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from core.errors import BadSettings, EvicodeError, ScoringStopped
from core.scoring.job import Job
from core.scoring.slices import Slice
from core.scoring.worker import Worker, on_one_thread

Batch = dict[str, Any]  # Any: numpy columns, as Ray Data hands them over

LOSSES = 3  # times in a row that the cluster may fail without a part made in between
BATCH = 1  # slices a task: what a lost worker repeats


class RayWorker:
    """A worker as Ray Data wants one: made once for each actor, called for each batch."""

    def __init__(self, job: Job, checkpoint: str) -> None:
        self._wanted = checkpoint
        with on_one_thread():
            self._worker = Worker(job)

    def __call__(self, batch: Batch) -> Batch:
        """Make the parts of these slices; rows of the same shape tell how many notes were done.

        BadSettings if this machine has another checkpoint than the driver.
        """
        if self._worker.checkpoint != self._wanted:
            raise BadSettings(
                "a machine of the cluster has another checkpoint; name one that all of them see "
                "with --checkpoint"
            )
        names = list(batch)
        rows = zip(*(batch[name] for name in names), strict=True)
        pieces = [Slice(**dict(zip(names, map(int, row), strict=True))) for row in rows]
        with on_one_thread():
            return {"done": [self._worker.make(piece) for piece in pieces]}


def score_on_ray(
    job: Job, workers: int, progress: Callable[[int], None], *, checkpoint: str
) -> None:
    """Make the parts that are left. BadSettings if Ray is missing, ScoringStopped if it fails.

    checkpoint: its hash.

    A cluster that fails is tried again, as long as it gets on: machines come and go.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
    try:
        import ray  # an optional extra
    except ImportError:
        raise BadSettings("--ray needs Ray; run: pip install '.[ray]'") from None
    job = _anywhere(job)
    failures = 0
    while left := [asdict(piece) for piece in job.left()]:
        # named, or one of our own: never one that somebody else happens to run on this machine
        address = os.environ.get("RAY_ADDRESS") or "local"
        made = 0
        try:
            ray.init(address, include_dashboard=False, log_to_driver=False)
            for row in _made(job, checkpoint, left, workers):
                made += 1
                progress(int(row["done"]))
        except (ray.exceptions.RayError, ConnectionError) as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, EvicodeError | OSError):
                raise cause from None  # the worker's own word
            failures = 1 if made else failures + 1
            if failures == LOSSES:
                raise ScoringStopped(
                    f"the Ray cluster failed {LOSSES} times in a row ({type(error).__name__}); "
                    "what is done is kept: repeat the command"
                ) from None
        finally:
            ray.shutdown()


def _anywhere(job: Job) -> Job:
    """The same job for whoever has another working folder."""
    paths = {name: getattr(job, name) for name in ("source", "out", "checkpoint", "lessons")}
    return replace(job, **{name: path.absolute() for name, path in paths.items() if path})


def _made(job: Job, checkpoint: str, left: list[dict[str, int]], workers: int) -> Iterator[Batch]:
    """Hand the slices to workers of the cluster; a row for each that is done."""
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.max_consecutive_actor_init_deaths = LOSSES  # a machine may go while it loads the model
    made = ray.data.from_items(left, override_num_blocks=len(left)).map_batches(
        RayWorker,
        batch_size=BATCH,
        compute=ActorPoolStrategy(size=workers),
        fn_constructor_args=(job, checkpoint),
        num_cpus=1,
    )
    yield from made.iter_rows()
