"""Which CCS codes have their own ICD codes around them: the binomial test of MARN eq. 18."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.spatial import ConvexHull, QhullError
from scipy.stats import binom

from core.analysis.plane import Points
from core.types import Code

RADIUS = 0.1  # of the longest distance between two ICD codes; MARN, at eq. 18
LEVEL = 0.1  # P(k > T) stays below; MARN eq. 18
PUBLISHED = (157, 295)  # significant CCS codes, and all: MARN on MIMIC-III full
ROUNDING = 1e-12  # a tail this near to the level equals it: 1 - 0.9 is not below 0.1

COLUMNS = (
    *("system", "code", "own", "share", "in_circle", "own_in_circle", "threshold", "tail"),
    "significant",
)


def significance(
    icd_L2: Points,
    ccs_L2: Points,
    categories: Sequence[Code | None],
    ccs: Sequence[Code],
) -> pd.DataFrame:
    """Test every CCS code; a line each, in their order.

    categories: of each ICD code, in the order of icd_L2. own: its ICD codes; share: p, their
    share of all ICD codes; in_circle: n, ICD codes within the circle, its edge included;
    threshold: T; tail: P(k > T). Significant: own_in_circle > T.
    """
    radius = RADIUS * longest_distance(icd_L2)
    places = {code: place for place, code in enumerate(ccs)}
    category_L = np.array([-1 if c is None else places.get(c, -1) for c in categories])
    lines = []
    for code, point in zip(ccs, ccs_L2, strict=True):
        own_L = category_L == places[code]
        inside_L = np.hypot(*(icd_L2 - point).T) <= radius
        inside, share = int(inside_L.sum()), float(own_L.mean())
        least, tail = threshold(inside, share)
        found = int((own_L & inside_L).sum())
        lines.append(
            (
                *(code.system.value, code.code, int(own_L.sum()), share, inside, found),
                *(least, tail, found > least),
            )
        )
    return pd.DataFrame(lines, columns=COLUMNS)


def threshold(n: int, p: float) -> tuple[int, float]:
    """The smallest T with P(k > T) < 0.1 for k ~ Binomial(n, p), and that probability."""
    tails = binom.sf(np.arange(n + 1), n, p)
    least = int(np.argmax(tails < LEVEL - ROUNDING))  # P(k > n) = 0, so there always is one
    return least, float(tails[least])


def longest_distance(points_L2: Points) -> float:
    """Between any two points. They are corners of the hull, and a hull has few corners."""
    try:
        corners = points_L2[ConvexHull(points_L2).vertices]
    except (QhullError, ValueError):  # all on one line, or fewer than three: the ends of the line
        order = np.lexsort(points_L2.T[::-1])
        corners = points_L2[order[[0, -1]]]
    return max(float(np.hypot(*(corners - corner).T).max()) for corner in corners)
