"""What analyses look at: a checkpoint with its scores of coded notes, and runs of experiments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.checkpoints import Checkpoint
from core.corpora import Category
from core.inference import Coder
from core.inference.coder import Titles
from core.text import fallback
from core.training import examples, score
from core.types import Code, CodeSystem, Note

CUT = 0.5  # fused probabilities are meant to be cut here (decision 7)
_CATEGORIES = (CodeSystem.CCS, CodeSystem.CCSPROC, CodeSystem.CCSR)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The codes somebody's scores give to each note, per task."""

    name: str
    codes: Mapping[str, Sequence[frozenset[Code]]]  # task -> one set a note


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A checkpoint's probabilities of coded notes.

    notes: those that could be read, N of them. scores, targets: per task, N x L. decided: by the
    network alone, and by network and memory where the checkpoint is fused.
    """

    notes: tuple[Note, ...]
    scores: Mapping[str, NDArray[np.float32]]
    targets: Mapping[str, NDArray[np.float32]]
    decided: tuple[Decided, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One checkpoint under its name in the figures; scored: None where no notes were given."""

    name: str
    checkpoint: Checkpoint
    scored: Scored | None = None

    @property
    def loss(self) -> str:
        """The training loss in words: `BinaryCrossEntropy`, `Focal alpha 0.999 gamma 2`."""
        loss = self.checkpoint.system.loss
        settings = {
            setting.name: getattr(loss, setting.name)
            for setting in fields(loss)  # type: ignore[arg-type]  # every loss is a dataclass
        }
        said = [f"{name} {value:g}" for name, value in settings.items() if type(value) is float]
        return " ".join([type(loss).__name__, *said])


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything one call looks at. Whatever is empty was not given.

    notes: those that were scored. counted: those in which codes are counted; `counted_in` names
    their split. runs: of experiments, as `read_runs` gives them.
    """

    tables: Titles
    subjects: tuple[Subject, ...] = ()
    notes: tuple[Note, ...] = ()
    counted: tuple[Note, ...] = ()
    scored_in: str = ""
    counted_in: str = ""
    chosen: tuple[str, ...] = ()  # categories to look at closely
    runs: pd.DataFrame | None = None


def scored(checkpoint: Checkpoint, notes: Sequence[Note], tables: Titles) -> Scored:
    """Score every note that has words; the others are named among the problems."""
    seen = examples(
        notes,
        checkpoint.vocabulary,
        checkpoint.spaces,
        category=category_of(tables),
        max_length=checkpoint.max_length,
        fallback=fallback(checkpoint.fallback, checkpoint.vocabulary),
    )
    scores = {task: found.numpy() for task, found in score(checkpoint.model, seen).items()}
    decided = [
        Decided(
            name="network",
            codes={task: _above(scores[task], checkpoint, task) for task in checkpoint.spaces},
        )
    ]
    if checkpoint.fusion is not None:
        decided.append(_fused(Coder(checkpoint, tables), seen.notes))
    return Scored(
        notes=seen.notes,
        scores=scores,
        targets={task: found.numpy() for task, found in seen.targets.items()},
        decided=tuple(decided),
        problems=seen.problems,
    )


def category_of(tables: Titles) -> Category:
    """The category of a code, looked up once; a category is its own."""
    known: dict[Code, Code | None] = {}

    def category(code: Code) -> Code | None:
        if code not in known:
            known[code] = code if code.system in _CATEGORIES else tables.category(code)
        return known[code]

    return category


def _above(
    scores_NL: NDArray[np.float32], checkpoint: Checkpoint, task: str
) -> list[frozenset[Code]]:
    codes, threshold = checkpoint.spaces[task].codes, checkpoint.thresholds[task]
    return [
        frozenset(codes[place] for place in np.flatnonzero(row >= threshold)) for row in scores_NL
    ]


def _fused(coder: Coder, notes: Sequence[Note]) -> Decided:
    answers = [coder.suggest(note) for note in notes]
    return Decided(
        name="network and memory",
        codes={
            task: [
                frozenset(each.code for each in answer.of(task) if each.probability >= CUT)
                for answer in answers
            ]
            for task in coder.spaces
        },
    )
