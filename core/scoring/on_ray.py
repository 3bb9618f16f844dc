"""A job on a Ray cluster (or a local one, if none is named by RAY_ADDRESS).

Ray Data keeps the workers alive and repeats what a lost one had begun; parts make that safe. The
input, the folder of the output and the checkpoint must lie where every machine sees them.
"""

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.errors import BadSettings, ScoringStopped
from core.scoring.job import Job
from core.scoring.slices import Slice
from core.scoring.worker import Worker, on_one_thread

Batch = dict[str, Any]  # Any: numpy columns, as Ray Data hands them over

BATCH = 1  # slices a task: what a lost worker repeats


class RayWorker:
    """A worker as Ray Data wants one: made once for each actor, called for each batch."""

    def __init__(self, job: Job) -> None:
        with on_one_thread():
            self._worker = Worker(job)

    def __call__(self, batch: Batch) -> Batch:
        """Make the parts of these slices; rows of the same shape tell how many notes were done."""
        names = list(batch)
        rows = zip(*(batch[name] for name in names), strict=True)
        pieces = [Slice(**dict(zip(names, map(int, row), strict=True))) for row in rows]
        with on_one_thread():
            return {"done": [self._worker.make(piece) for piece in pieces]}


def score_on_ray(job: Job, workers: int, progress: Callable[[int], None]) -> None:
    """Make the parts that are left. BadSettings if Ray is missing, ScoringStopped if it fails."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anybody
    try:
        import ray  # an optional extra
        from ray.data import ActorPoolStrategy, DataContext
    except ImportError:
        raise BadSettings("--ray needs Ray; run: pip install '.[ray]'") from None
    left = [asdict(piece) for piece in job.left()]
    if not left:
        return
    ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False)
    try:
        DataContext.get_current().enable_progress_bars = False
        made = ray.data.from_items(left, override_num_blocks=len(left)).map_batches(
            RayWorker,
            batch_size=BATCH,
            compute=ActorPoolStrategy(size=workers),
            fn_constructor_args=(job,),
            num_cpus=1,
        )
        for row in made.iter_rows():
            progress(int(row["done"]))
    except ray.exceptions.RayError as error:
        raise ScoringStopped(
            f"the Ray cluster failed ({type(error).__name__}); what is done is kept: repeat the "
            "command"
        ) from None
    finally:
        ray.shutdown()
