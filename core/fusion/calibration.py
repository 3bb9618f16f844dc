"""Do probabilities mean what they say: reliability bins and expected calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Suggestions of about one probability: how probable they said, how often they were right."""

    count: int
    said: float
    right: float


def reliability(probabilities_N: Floats, right_N: NDArray[np.bool_]) -> list[Bin]:
    """Ten bins of equal width; empty ones are left out."""
    number_N = np.minimum((probabilities_N * BINS).astype(int), BINS - 1)
    return [
        Bin(
            count=int(here.sum()),
            said=float(probabilities_N[here].mean()),
            right=float(right_N[here].mean()),
        )
        for number in range(BINS)
        if (here := number_N == number).any()
    ]


def calibration_error(bins: list[Bin]) -> float:
    """Expected calibration error (Guo et al. 2017, eq. 3)."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.said - each.right) for each in bins) / max(total, 1)
