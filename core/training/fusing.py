"""Training the fusion: memory, and a combiner taught by notes that neither part of it saw.

Memory is made ten times without a tenth of the notes; the network's scores come from networks that
did not see the note (`held_out_scores`). A note and its translation are always on the same side.
What the combiner says of notes it did not learn from gives the calibration and the coverage cuts.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.corpora import Category
from core.fusion import (
    LEVELS,
    CombinerSettings,
    Fusion,
    NetworkScores,
    calibration_error,
    candidates,
    cut,
    discounted_logits,
    fit,
    reliability,
)
from core.memory import Bridge, Listed, PhraseMemory
from core.types import Code, CodeSystem, Note

MEMORY_FOLDS, COMBINER_FOLDS = 10, 5
MOST_ERROR = 0.03  # expected calibration error that moving the cut may cost at most
Floats = NDArray[np.float32]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The candidates of one note with their features, and which of them are right."""

    note: Note
    codes: tuple[Code, ...]
    features_NF: Floats
    right_N: Truth
    missed: int  # codes of the note that are no candidates


@dataclass(frozen=True, kw_only=True)
class FusionPlan:
    """What the fusion is made from besides notes."""

    listed: Listed
    bridge: Bridge
    settings: CombinerSettings
    category: Category
    seed: int = 0


def origin(note: Note) -> str:
    """A note and its translation share it."""
    return note.id.removesuffix(".en")


def folds(notes: Sequence[Note], count: int, *, seed: int) -> dict[str, int]:
    """A fold for every origin, the same for the same seed."""
    origins = sorted({origin(note) for note in notes})
    random.Random(f"{seed}/{count}").shuffle(origins)  # noqa: S311 - a split, not a secret
    return {name: place % count for place, name in enumerate(origins)}


def remember(notes: Sequence[Note], plan: FusionPlan) -> PhraseMemory:
    """A memory of these notes, the code tables and the bridge."""
    memory = PhraseMemory(listed=plan.listed, bridge=plan.bridge)
    memory.learn(notes)
    return memory


def rows_of(
    notes: Sequence[Note],
    memory: PhraseMemory,
    scores: Mapping[str, NetworkScores],
    *,
    category: Category,
) -> list[Rows]:
    """Candidates of notes that `memory` did not learn."""
    found = []
    for note in notes:
        of_note = candidates(note, memory, scores.get(note.id), category=category)
        right_N = np.array([code in note.codes for code in of_note.codes], dtype=bool)
        found.append(
            Rows(
                note=note,
                codes=of_note.codes,
                features_NF=of_note.features_NF,
                right_N=right_N,
                missed=len(note.codes) - int(right_N.sum()),
            )
        )
    return found


def fuse(
    notes: Sequence[Note], scores: Mapping[str, NetworkScores], plan: FusionPlan
) -> tuple[Fusion, dict[str, Any]]:  # Any: plain JSON
    """Train a fusion on coded notes; give it with its cross-validated figures.

    scores: of networks that did not learn the note, by note id.
    """
    parts = folds(notes, MEMORY_FOLDS, seed=plan.seed)
    rows: list[Rows] = []
    for fold in range(MEMORY_FOLDS):
        memory = remember([n for n in notes if parts[origin(n)] != fold], plan)
        held = [n for n in notes if parts[origin(n)] == fold]
        rows += rows_of(held, memory, scores, category=plan.category)
    logits = held_out_logits(rows, plan)
    combiner = fit(*_stacked(rows), settings=plan.settings, seed=plan.seed)
    shifts = best_cuts(rows, logits)
    figures, cuts = _figures(rows, moved(rows, logits, shifts))
    memory = remember(notes, plan)
    return Fusion(memory=memory, combiner=combiner, shifts=shifts, cuts=cuts), figures


def held_out_logits(rows: Sequence[Rows], plan: FusionPlan) -> list[Floats]:
    """What combiners say of the notes they did not learn from, in the order of `rows`."""
    parts = folds([each.note for each in rows], COMBINER_FOLDS, seed=plan.seed)
    logits: list[Floats] = [np.zeros(0, dtype=np.float32)] * len(rows)
    for fold in range(COMBINER_FOLDS):
        learnt = [each for each in rows if parts[origin(each.note)] != fold]
        combiner = fit(*_stacked(learnt), settings=plan.settings, seed=plan.seed)
        for place, each in enumerate(rows):
            if parts[origin(each.note)] == fold:
                logits[place] = discounted_logits(combiner, each.features_NF)
    return logits


def best_cuts(rows: Sequence[Rows], logits: Sequence[Floats]) -> dict[CodeSystem, float]:
    """The shift of each code system after which probability 0.5 cuts at the best micro-F1.

    Held back where it would cost more than MOST_ERROR of calibration (decision 7). Logits are those
    of held-out notes.
    """
    shifts = {}
    for system in sorted({code.system for each in rows for code in each.codes}):
        masks = [_of_system(each, system) for each in rows]
        found = np.concatenate([x[m] for x, m in zip(logits, masks, strict=True)])
        right = np.concatenate([r.right_N[m] for r, m in zip(rows, masks, strict=True)])
        gold = sum(sum(c.system is system for c in each.note.codes) for each in rows)
        if right.any():
            shifts[system] = _bearable(found, right, -_best_logit(found, right, gold))
    return shifts


def moved(
    rows: Sequence[Rows], logits: Sequence[Floats], shifts: Mapping[CodeSystem, float]
) -> list[Floats]:
    """The logits after the shift of each code's system."""
    return [
        found + np.array([shifts.get(c.system, 0.0) for c in each.codes], dtype=np.float32)
        for each, found in zip(rows, logits, strict=True)
    ]


def _of_system(rows: Rows, system: CodeSystem) -> Truth:
    return np.array([code.system is system for code in rows.codes], dtype=bool)


def _best_logit(logits_N: Floats, right_N: Truth, gold: int) -> float:
    order = np.argsort(-logits_N, kind="stable")
    hits = np.cumsum(right_N[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + gold)
    best = int(f1.argmax())
    return float(logits_N[order][best : best + 2].mean())


def _bearable(logits_N: Floats, right_N: Truth, shift: float) -> float:
    """The shift, or as much of it as keeps the calibration error within MOST_ERROR."""
    for part in (1.0, 0.75, 0.5, 0.25):
        probabilities = 1 / (1 + np.exp(-(logits_N + part * shift).astype(np.float64)))
        if calibration_error(reliability(probabilities, right_N)) <= MOST_ERROR:
            return part * shift
    return 0.0


def _figures(
    rows: Sequence[Rows], logits: Sequence[Floats]
) -> tuple[dict[str, Any], dict[float, float]]:  # Any: plain JSON
    probabilities = [1 / (1 + np.exp(-each.astype(np.float64))) for each in logits]
    right = [each.right_N for each in rows]
    missed = [each.missed for each in rows]
    bins = reliability(np.concatenate(probabilities), np.concatenate(right))
    cuts = {}
    for level in LEVELS:
        least = cut(probabilities, right, missed, level=level)
        if least is not None:
            cuts[level] = least
    lengths = {
        str(level): float(np.mean([(p >= least).sum() for p in probabilities]))
        for level, least in cuts.items()
    }
    reach = float(
        np.mean([r.sum() / max(r.sum() + m, 1) for r, m in zip(right, missed, strict=True)])
    )
    return {
        "calibration_error": calibration_error(bins),
        "reliability": [[each.count, each.said, each.right] for each in bins],
        "coverage_lengths": lengths,
        "reach": reach,
    }, cuts


def _stacked(rows: Sequence[Rows]) -> tuple[Floats, Floats]:
    return (
        np.concatenate([each.features_NF for each in rows]),
        np.concatenate([each.right_N for each in rows]).astype(np.float32),
    )
