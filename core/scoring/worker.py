"""A worker: loads the model once, then makes part after part."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from core.errors import BadNote, BadSettings
from core.inference import Coder
from core.scoring.job import Job
from core.scoring.learned import teach
from core.scoring.rows import Row, as_json, write_part
from core.scoring.slices import Given, Reader, Slice
from core.types import Suggestions


class Worker:
    """Scores slices of one job. BadSettings if the checkpoint cannot do what the job asks.

    Make and use it `on_one_thread`: sums depend in their last digits on how many threads add up.
    """

    def __init__(self, job: Job) -> None:
        self._job, self._reader = job, Reader(job.source)
        self._coder = Coder.load(job.checkpoint, device=job.device)
        self._method = _method(job.evidence, self._coder)
        self._least = _least(job.coverage, self._coder)
        if job.lessons is not None:
            teach(self._coder, job.lessons)

    @property
    def checkpoint(self) -> str:
        """The hash of the checkpoint that scores."""
        return self._coder.checkpoint

    def make(self, piece: Slice) -> int:
        """Score a slice and write its part, unless it is there; how many notes it has."""
        part = self._job.part(piece)
        if not part.exists():
            write_part(part, self._rows(piece))
        return piece.count

    def _rows(self, piece: Slice) -> Iterator[Row]:
        for given in self._reader.read(piece):
            yield self._row(given)

    def _row(self, given: Given) -> Row:
        if given.note is None:
            return _refused(given, given.problem)
        try:
            answer = self._coder.suggest(
                given.note, top=self._job.top, evidence=self._method, least=self._least
            )
        except BadNote as error:
            return _refused(given, str(error))
        row = as_json(_at_least(answer, self._least))
        return row | {
            "numeric": not isinstance(given.id, str),
            "line": given.number,
            "problem": None,
        }


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Compute on one thread meanwhile, as every worker does, whoever it is."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _refused(given: Given, problem: str) -> Row:
    return {"line": given.number, "problem": problem}


def _at_least(answer: Suggestions, least: float) -> Suggestions:
    return replace(answer, ranked=tuple(s for s in answer.ranked if s.probability >= least))


def _least(coverage: float | None, coder: Coder) -> float:
    """The probability from which the list is expected to hold that share of a note's codes."""
    if coverage is None:
        return 0.0
    least = coder.cut(coverage)
    if least is None:
        known = ", ".join(str(level) for level in coder.coverages) or "none"
        raise BadSettings(
            f"--coverage {coverage}: no list of {coder.name!r} is known to hold as much; "
            f"levels it can hold: {known}"
        )
    return least


def _method(asked: str, coder: Coder) -> str | None:
    if asked == "none":
        return None
    if asked != "default" and asked not in coder.methods:
        known = ", ".join(("default", "none", *coder.methods))
        raise BadSettings(f"--evidence {asked!r} is not a method; use one of {known}")
    return asked
