"""Figures of the ranked list: precision at k, mean average precision.

Equal scores are ranked in the order of the label space.
"""

import numpy as np
from numpy.typing import NDArray


def precision_at(
    scores_NL: NDArray[np.float32], gold_NL: NDArray[np.bool_], k: int
) -> float | None:
    """Mean share of gold codes among the k best of each note; with fewer codes, still over k."""
    if len(scores_NL) == 0:
        return None
    best_NK = np.argsort(-scores_NL, axis=1, kind="stable")[:, :k]
    return float(np.take_along_axis(gold_NL, best_NK, axis=1).sum(axis=1).mean() / k)


def mean_average_precision(
    scores_NL: NDArray[np.float32], gold_NL: NDArray[np.bool_], missed_N: NDArray[np.int64]
) -> float | None:
    """Mean of average precision over the notes that carry a gold code, missed ones counted."""
    total_N = gold_NL.sum(axis=1) + missed_N
    if not total_N.any():
        return None
    order_NL = np.argsort(-scores_NL, axis=1, kind="stable")
    ranked_NL = np.take_along_axis(gold_NL, order_NL, axis=1)
    precision_NL = np.cumsum(ranked_NL, axis=1) / np.arange(1, ranked_NL.shape[1] + 1)
    sums_N = (precision_NL * ranked_NL).sum(axis=1)
    coded = total_N > 0
    return float((sums_N[coded] / total_N[coded]).mean())
