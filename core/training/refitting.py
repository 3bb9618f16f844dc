"""Teaching the combiner what coders decided, so that it weighs a network and a memory as they are.

Each lesson is ranked as if nobody had decided on it: memory leaves out what it learned of the note
itself, the network's scores are those of a network that did not see it. What nobody decided on is
taught as it was said before, then as combiners say that learned from other notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.corpora import Category, Lesson
from core.fusion import Combiner, CombinerSettings, Fusion, NetworkScores, candidates, fit
from core.memory import PhraseMemory
from core.training.fusing import COMBINER_FOLDS, folds, origin

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class _Row:
    """The candidates of one lesson: their features, and what was decided (nan: nothing)."""

    origin: str
    features_NF: Floats
    decided_N: Floats


def refit(
    fusion: Fusion,
    lessons: Sequence[Lesson],
    scores: Mapping[str, NetworkScores],
    *,
    category: Category,
    settings: CombinerSettings,
    seed: int = 0,
) -> Fusion:
    """The fusion with a combiner that has learned these lessons; its memory stays as it is.

    What coders decided memory learns from the database (decision 8). scores: by note id, of
    networks that did not see the note.
    """
    memory = taught(fusion.memory, lessons)
    rows = [_row(each, memory, scores.get(each.note.id), category) for each in lessons]
    rows = [row for row in rows if len(row.features_NF)]
    if not any(np.isfinite(row.decided_N).any() for row in rows):
        return fusion
    # without whole charts in its memory all it was ever taught is here: it is taught anew
    start = fusion.combiner if fusion.memory.codes else None
    settings = settings if start is None else start.settings
    said = [_said(fusion.combiner, row) for row in rows]
    parts = folds([each.note for each in lessons], COMBINER_FOLDS, seed=seed)
    for fold in range(COMBINER_FOLDS):
        others = [row for row in rows if parts[row.origin] != fold]
        if not others:
            continue
        before = [_said(fusion.combiner, row) for row in others]
        combiner = _fitted(others, before, settings=settings, seed=seed, start=start)
        for place, row in enumerate(rows):
            if parts[row.origin] == fold:
                said[place] = _said(combiner, row)
    return replace(fusion, combiner=_fitted(rows, said, settings=settings, seed=seed, start=start))


def taught(memory: PhraseMemory, lessons: Sequence[Lesson]) -> PhraseMemory:
    """A copy of the memory that has learned these lessons, each apart from the others."""
    copy = memory.copy()
    copy.decide_all((each.note, each.rejected) for each in lessons)
    return copy


def _row(
    lesson: Lesson, memory: PhraseMemory, scores: NetworkScores | None, category: Category
) -> _Row:
    found = candidates(lesson.note, memory, scores, category=category)
    given = lesson.note.codes
    decided = [
        1.0 if code in given else 0.0 if code in lesson.rejected else np.nan for code in found.codes
    ]
    return _Row(
        origin=origin(lesson.note),
        features_NF=found.features_NF,
        decided_N=np.array(decided, dtype=np.float32),
    )


def _said(combiner: Combiner, row: _Row) -> Floats:
    """What a combiner says of the candidates."""
    said_N: Floats = 1 / (1 + np.exp(-combiner.logits(row.features_NF)))
    return said_N


def _fitted(
    rows: Sequence[_Row],
    said: Sequence[Floats],
    *,
    settings: CombinerSettings,
    seed: int,
    start: Combiner | None,
) -> Combiner:
    """A combiner that learned what was decided, and what was said where nobody decided."""
    targets = [
        np.where(np.isnan(row.decided_N), before, row.decided_N).astype(np.float32)
        for row, before in zip(rows, said, strict=True)
    ]
    features_NF = np.concatenate([row.features_NF for row in rows])
    return fit(features_NF, np.concatenate(targets), settings=settings, seed=seed, start=start)
