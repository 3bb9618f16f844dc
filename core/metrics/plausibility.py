"""Plausibility: how well scores on the words of notes agree with what humans marked as evidence.

Token level as Edin et al. 2024 have it: the words of all codes together, micro-averaged. Span level
as ERASER has it (DeYoung et al. 2020, sec. 4.1): a span is found when it overlaps one of the other
side by at least half of their union. Scores of one code should share a scale with those of
another, such as a peak of 1: one threshold decides for all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadSettings
from core.metrics.auprc import average_precision
from core.metrics.evaluation import best_threshold
from core.metrics.track import Score

OVERLAP = 0.5  # share of the union from which two spans are the same (ERASER)
Run = tuple[int, int]  # half-open positions of words


@dataclass(frozen=True, kw_only=True, eq=False)
class Marked:
    """One code of one note: a score for each of its T words, and which of them a human marked."""

    scores_T: NDArray[np.float32]
    gold_T: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.scores_T.shape != self.gold_T.shape:
            raise BadSettings(
                f"{len(self.scores_T)} scores for {len(self.gold_T)} words; give one for each"
            )
        if not np.isfinite(self.scores_T).all():
            raise BadSettings("a word's score is not a finite number; look at the method")
        if not self.gold_T.any():
            raise BadSettings("no word is marked for this code; leave it out")


@dataclass(frozen=True, kw_only=True)
class Plausibility:
    """Figures in [0, 1] over `codes` codes of notes; all are 0 where there are none."""

    codes: int
    precision: float  # of words at or above the threshold
    recall: float
    f1: float
    auprc: float  # of all words of all codes together: no threshold, but one scale
    mean_auprc: float  # mean over codes, each by itself: neither threshold nor scale
    span_precision: float
    span_recall: float
    span_f1: float
    empty: float  # share of codes without a word at or above the threshold

    def to_json(self) -> dict[str, float]:
        return asdict(self)


def plausibility(marked: Sequence[Marked], thresholds: Sequence[float]) -> Plausibility:
    """All figures; each code is decided by its own threshold (see `cross_tuned`)."""
    if not marked:
        return Plausibility(**dict.fromkeys(_FIGURES, 0.0), codes=0)
    said = [each.scores_T >= cut for each, cut in zip(marked, thresholds, strict=True)]
    words = Score.of(
        sum(int((each.gold_T & chosen).sum()) for each, chosen in zip(marked, said, strict=True)),
        sum(int(chosen.sum()) for chosen in said),
        sum(int(each.gold_T.sum()) for each in marked),
    )
    pairs = [(runs(chosen), runs(each.gold_T)) for chosen, each in zip(said, marked, strict=True)]
    precision = _share(
        sum(_found(given, gold) for given, gold in pairs), sum(len(given) for given, _ in pairs)
    )
    recall = _share(
        sum(_found(gold, given) for given, gold in pairs), sum(len(gold) for _, gold in pairs)
    )
    alone = [average_precision(each.scores_T, each.gold_T) or 0.0 for each in marked]
    return Plausibility(
        codes=len(marked),
        precision=words.precision,
        recall=words.recall,
        f1=words.f1,
        auprc=average_precision(*_together(marked)) or 0.0,
        mean_auprc=float(np.mean(alone)),
        span_precision=precision,
        span_recall=recall,
        span_f1=_share(2 * precision * recall, precision + recall),
        empty=_share(sum(not chosen.any() for chosen in said), len(said)),
    )


def cross_tuned(marked: Sequence[Marked], folds: Sequence[int]) -> list[float]:
    """For each code the threshold that gives the best token F1 on the codes of all other folds.

    `folds` names a fold for each; codes of one note belong in one fold, so that no note tunes a
    threshold it is judged by.
    """
    if len(set(folds)) < 2:
        raise BadSettings("a threshold is tuned on other notes: give at least two folds of notes")
    found = {
        fold: tuned([each for each, of in zip(marked, folds, strict=True) if of != fold])
        for fold in set(folds)
    }
    return [found[fold] for fold in folds]


def tuned(marked: Sequence[Marked]) -> float:
    """The threshold with the best token F1 on these codes; 0.5 if there are none."""
    if not marked:
        return 0.5
    scores, gold = _together(marked)
    return best_threshold(scores[None], gold[None].astype(np.float32))


def runs(chosen_T: NDArray[np.bool_]) -> list[Run]:
    """The longest stretches of true values, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen_T, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _found(spans: Sequence[Run], others: Sequence[Run]) -> int:
    """How many of `spans` stand among `others`."""
    return sum(any(_overlap(span, other) >= OVERLAP for other in others) for span in spans)


def _overlap(one: Run, other: Run) -> float:
    """Intersection over union."""
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return shared / (one[1] - one[0] + other[1] - other[0] - shared)


def _together(marked: Sequence[Marked]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    return (
        np.concatenate([each.scores_T for each in marked]),
        np.concatenate([each.gold_T for each in marked]),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


_FIGURES = tuple(name for name in Plausibility.__dataclass_fields__ if name != "codes")
