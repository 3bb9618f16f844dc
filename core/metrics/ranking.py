"""Figures of the ranked list: precision at k, mean average precision."""

import numpy as np
from numpy.typing import NDArray


def ranked(scores_NL: NDArray[np.float32], gold_NL: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which ranks of each note hold a gold code; equal scores are ranked in label-space order."""
    order_NL = np.argsort(-scores_NL, axis=1, kind="stable")
    return np.take_along_axis(gold_NL, order_NL, axis=1)


def precision_at(ranked_NL: NDArray[np.bool_], k: int) -> float | None:
    """Mean share of gold codes among the k best of each note; with fewer codes, still over k."""
    if len(ranked_NL) == 0:
        return None
    return float(ranked_NL[:, :k].sum(axis=1).mean() / k)


def mean_average_precision(
    ranked_NL: NDArray[np.bool_], missed_N: NDArray[np.int64]
) -> float | None:
    """Mean of average precision over the notes that carry a gold code, missed ones counted."""
    found_N = ranked_NL.sum(axis=1)
    total_N = found_N + missed_N
    if not total_N.any():
        return None
    notes, ranks = np.nonzero(ranked_NL)
    hits = np.arange(1, len(notes) + 1) - (np.cumsum(found_N) - found_N)[notes]
    sums_N = np.bincount(notes, weights=hits / (ranks + 1), minlength=len(ranked_NL))
    coded = total_N > 0
    return float((sums_N[coded] / total_N[coded]).mean())
