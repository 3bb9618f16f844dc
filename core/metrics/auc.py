"""Area under the ROC curve: how often a gold code scores above one that is not."""

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.float32], gold: NDArray[np.bool_]) -> float | None:
    """The share of (gold, other) pairs in the right order, ties half; None without both kinds."""
    above, below = scores[gold], np.sort(scores[~gold])
    if len(above) == 0 or len(below) == 0:
        return None
    beaten = np.searchsorted(below, above, side="left").sum(dtype=np.int64)
    not_lost = np.searchsorted(below, above, side="right").sum(dtype=np.int64)
    return float(beaten + not_lost) / (2 * len(above) * len(below))
