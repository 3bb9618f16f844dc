"""Area under the precision-recall curve: how early a ranking by score finds what is gold."""

import numpy as np
from numpy.typing import NDArray


def average_precision(scores: NDArray[np.floating], gold: NDArray[np.bool_]) -> float | None:
    """Precision at each recall, weighted by the recall it adds; None where nothing is gold.

    Equal scores are taken at once, so their order makes no difference. There is no interpolation
    between points: it would promise too much (Davis & Goadrich 2006).
    """
    if not gold.any():
        return None
    order = np.argsort(-scores, kind="stable")
    falling, hits = scores[order], np.cumsum(gold[order])
    last = np.append(falling[:-1] != falling[1:], [True])  # of each run of equal scores
    found, taken = hits[last], np.flatnonzero(last) + 1
    added = np.diff(found, prepend=0)
    return float((added * found / taken).sum() / hits[-1])
