"""Agreement of two explanations of one code, and stability: agreement across harmless changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadSettings
from core.types import Span

TOP = 5  # words
Scores = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Stability:
    """How little an explanation changes when nothing it should care about changes.

    correlation in [-1, 1] (None: all scores alike), overlap of the first words in [0, 1]; spill:
    share of the score, whatever its sign, that went to words that were added.
    """

    correlation: float | None
    overlap: float
    spill: float


def rank_correlation(one_T: Scores, other_T: Scores) -> float | None:
    """Spearman's correlation of the scores of the same words; None where either are all alike."""
    _same_words(one_T, other_T)
    if len(one_T) < 2 or (one_T == one_T[0]).all() or (other_T == other_T[0]).all():
        return None
    return float(np.corrcoef(_ranks(one_T), _ranks(other_T))[0, 1])


def top_overlap(one_T: Scores, other_T: Scores, k: int = TOP) -> float:
    """Share of the k first words of either that are first in both; equal scores in note order."""
    _same_words(one_T, other_T)
    k = min(k, len(one_T))
    shared = _first(one_T, k) & _first(other_T, k)
    return len(shared) / k if k else 0.0


def jaccard(one: Iterable[Span], other: Iterable[Span]) -> float:
    """Characters in both over characters in either; 1 where neither marks anything."""
    marked, also = _characters(one), _characters(other)
    either = marked | also
    return len(marked & also) / len(either) if either else 1.0


def stability(
    before_T: Scores, after_U: Scores, places: Sequence[int] | None = None, *, k: int = TOP
) -> Stability:
    """Compare a note's scores with those after a change.

    places: where each of its T words stands among the U words afterwards (default: the first T).
    """
    where = np.arange(len(before_T)) if places is None else np.asarray(places, dtype=np.int64)
    if len(where) != len(before_T) or (len(where) and where.max() >= len(after_U)):
        raise BadSettings(
            f"{len(before_T)} words cannot be found again among {len(after_U)}; name their places"
        )
    total = float(np.abs(after_U).sum())
    kept = float(np.abs(after_U[where]).sum())
    return Stability(
        correlation=rank_correlation(before_T, after_U[where]),
        overlap=top_overlap(before_T, after_U[where], k),
        spill=max(0.0, 1 - kept / total) if total else 0.0,
    )


def _ranks(scores_T: Scores) -> NDArray[np.float64]:
    """Ranks from low to high, equal scores the mean of theirs (scipy.stats takes long to load)."""
    _, place_T, counts = np.unique(scores_T, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[place_T]
    return ranks


def _first(scores_T: Scores, k: int) -> set[int]:
    return set(np.argsort(-scores_T, kind="stable")[:k].tolist())


def _characters(spans: Iterable[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def _same_words(one_T: Scores, other_T: Scores) -> None:
    if len(one_T) != len(other_T):
        raise BadSettings(f"{len(one_T)} and {len(other_T)} scores are not of the same words")
