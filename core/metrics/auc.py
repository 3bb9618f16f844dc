"""Area under the ROC curve: how often a gold code scores above one that is not."""

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.float32], gold: NDArray[np.bool_]) -> float | None:
    """The share of (gold, other) pairs in the right order, ties half; None without both kinds."""
    positives = int(gold.sum())
    negatives = len(gold) - positives
    if positives == 0 or negatives == 0:
        return None
    distinct, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    del distinct
    rank = np.cumsum(count) - (count - 1) / 2  # the mean rank of each group of equal scores
    total = float(rank[place][gold].sum())
    return (total - positives * (positives + 1) / 2) / (positives * negatives)
