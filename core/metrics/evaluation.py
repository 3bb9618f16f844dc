"""All figures of one task, from scores and targets of many notes (N notes, L codes).

`missed` counts, per note, gold codes that the label space does not hold: they can never be found,
so recall, F1 and MAP count them as misses. Without it the figures speak of the label space alone.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.metrics.auc import auc
from core.metrics.ranking import mean_average_precision, precision_at, ranked

Scores = NDArray[np.float32]
Counts = NDArray[np.int64]
AT = (5, 8, 15)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Figures in [0, 1]; None where the notes leave a figure undefined."""

    notes: int
    codes: int
    gold: int  # gold codes, the missed ones among them
    missed: int
    macro_auc: float | None  # mean over the codes that some notes carry and others do not
    micro_auc: float | None
    macro_f1: float  # of macro precision and macro recall, as CAML has it
    micro_f1: float
    micro_precision: float
    micro_recall: float
    mean_average_precision: float | None
    precision_at: dict[str, float | None] = field(default_factory=dict)  # "P@5", ...
    threshold: float = 0.5

    def to_json(self) -> dict[str, object]:
        """Plain JSON; undefined figures are null."""
        return asdict(self)


def evaluate(
    scores_NL: Scores,
    targets_NL: Scores,
    *,
    threshold: float,
    missed_N: Counts | None = None,
    at: Sequence[int] = AT,
) -> Metrics:
    """Every figure of one task; scores at or above `threshold` count as predicted."""
    missed_N = np.zeros(len(targets_NL), dtype=np.int64) if missed_N is None else missed_N
    gold_NL = targets_NL > 0.5
    ranked_NL = ranked(scores_NL, gold_NL)
    predicted_NL = scores_NL >= threshold
    hits_L = (predicted_NL & gold_NL).sum(axis=0)
    hits, predicted = int(hits_L.sum()), int(predicted_NL.sum())
    gold = int(gold_NL.sum() + missed_N.sum())
    precision, recall = _share(hits, predicted), _share(hits, gold)
    return Metrics(
        notes=len(targets_NL),
        codes=targets_NL.shape[1],
        gold=gold,
        missed=int(missed_N.sum()),
        macro_auc=_macro_auc(scores_NL, gold_NL),
        micro_auc=auc(scores_NL.ravel(), gold_NL.ravel()),
        macro_f1=_macro_f1(hits_L, predicted_NL.sum(axis=0), gold_NL.sum(axis=0)),
        micro_f1=_harmonic(precision, recall),
        micro_precision=precision,
        micro_recall=recall,
        mean_average_precision=mean_average_precision(ranked_NL, missed_N),
        precision_at={f"P@{k}": precision_at(ranked_NL, k) for k in at},
        threshold=threshold,
    )


def best_threshold(scores_NL: Scores, targets_NL: Scores, missed_N: Counts | None = None) -> float:
    """The threshold with the highest micro-F1, exactly, in one sorted pass; 0.5 without gold."""
    scores, gold = scores_NL.ravel(), targets_NL.ravel() > 0.5
    total = int(gold.sum()) + (0 if missed_N is None else int(missed_N.sum()))
    if not gold.any():
        return 0.5
    order = np.argsort(-scores)
    falling, hits = scores[order], np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + total)
    f1[:-1][falling[:-1] == falling[1:]] = -1  # a threshold cannot part equal scores
    return float(falling[int(np.argmax(f1))])


def _macro_auc(scores_NL: Scores, gold_NL: NDArray[np.bool_]) -> float | None:
    found = [auc(scores_NL[:, code], gold_NL[:, code]) for code in range(gold_NL.shape[1])]
    defined = [value for value in found if value is not None]
    return float(np.mean(defined)) if defined else None


def _macro_f1(hits_L: Counts, predicted_L: Counts, gold_L: Counts) -> float:
    if len(hits_L) == 0:
        return 0.0
    precision = float(np.mean(hits_L / np.maximum(predicted_L, 1)))
    recall = float(np.mean(hits_L / np.maximum(gold_L, 1)))
    return _harmonic(precision, recall)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
