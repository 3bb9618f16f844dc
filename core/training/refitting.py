"""Teaching the combiner what coders decided, so that it weighs a network and a memory as they are.

Each lesson is ranked as if nobody had decided on it: memory leaves out what it learned of the note
itself, the network's scores are those of a network that did not see it. What nobody decided on is
taught as it was said before.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.corpora import Category, Lesson
from core.fusion import Combiner, CombinerSettings, Fusion, NetworkScores, candidates, fit
from core.memory import PhraseMemory

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class _Row:
    """The candidates of one lesson: their features, and what was decided (nan: nothing)."""

    features_NF: Floats
    decided_N: Floats


def refit(
    fusion: Fusion,
    lessons: Sequence[Lesson],
    scores: Mapping[str, NetworkScores],
    *,
    category: Category,
    settings: CombinerSettings,
    whole: Container[str] = (),
    seed: int = 0,
) -> Fusion:
    """The fusion with a combiner that has learned these lessons; its memory stays as it is.

    What coders decided memory learns from the database (decision 8). scores: by note id, of
    networks that did not see the note. whole: ids of the notes of which all codes are known.
    """
    memory = taught(fusion.memory, lessons)
    rows = [
        _row(each, memory, scores.get(each.note.id), category, whole=each.note.id in whole)
        for each in lessons
    ]
    rows = [row for row in rows if len(row.features_NF)]
    if not any(np.isfinite(row.decided_N).any() for row in rows):
        return fusion
    # without whole charts in its memory all it was ever taught is here: it is taught anew
    start = fusion.combiner if fusion.memory.codes else None
    settings = settings if start is None else start.settings
    targets = [_targets(row, fusion.combiner) for row in rows]
    combiner = fit(
        np.concatenate([row.features_NF for row in rows]),
        np.concatenate(targets),
        settings=settings,
        seed=seed,
        start=start,
    )
    return replace(fusion, combiner=combiner)


def taught(memory: PhraseMemory, lessons: Sequence[Lesson]) -> PhraseMemory:
    """A copy of the memory that has learned these lessons, each apart from the others."""
    copy = memory.copy()
    copy.decide_all((each.note, each.rejected) for each in lessons)
    return copy


def _row(
    lesson: Lesson,
    memory: PhraseMemory,
    scores: NetworkScores | None,
    category: Category,
    *,
    whole: bool,
) -> _Row:
    found = candidates(lesson.note, memory, scores, category=category)
    given = lesson.note.codes
    decided = [
        1.0 if code in given else 0.0 if whole or code in lesson.rejected else np.nan
        for code in found.codes
    ]
    return _Row(
        features_NF=found.features_NF,
        decided_N=np.array(decided, dtype=np.float32),
    )


def _targets(row: _Row, before: Combiner) -> Floats:
    """What was decided; what was said before where nobody decided."""
    said_N = 1 / (1 + np.exp(-before.logits(row.features_NF)))
    return np.where(np.isnan(row.decided_N), said_N, row.decided_N).astype(np.float32)
