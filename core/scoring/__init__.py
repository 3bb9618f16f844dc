"""Scoring many notes: a file of notes in, a file of suggestions out, by any number of workers.

A job is cut into slices of the input. Each slice becomes one part, written whole; parts that are
there are never made again. So a job that was killed, or lost a worker, goes on where it stood,
and who made which part makes no difference to the output.
"""

from core.scoring.job import Job
from core.scoring.merging import Served
from core.scoring.running import Hands, Progress, score

__all__ = ["Hands", "Job", "Progress", "Served", "score"]
