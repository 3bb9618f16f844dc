"""How long a list must be to hold a share of a note's codes: conformal risk control.

For a cut on the probability, the loss of a note is the share of its codes below the cut. The lowest
cut is taken whose mean loss over held-out notes, corrected for their number, stays within the level
(Angelopoulos et al. 2024, eq. 4); for notes like these the expectation then holds, whatever the
model is. Codes that no list reaches count as lost, so a level may be out of reach.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.7, 0.8, 0.85, 0.9, 0.95)
ROUNDING = 1e-9
Floats = NDArray[np.float64]


def cut(
    probabilities: Sequence[Floats],
    gold: Sequence[NDArray[np.bool_]],
    missed: Sequence[int],
    *,
    level: float,
) -> float | None:
    """The highest cut whose list is expected to hold `level` of a note's codes, or None.

    For each note: probabilities of its candidates, which of them are right, and how many of its
    codes are no candidates.
    """
    found, shares = [], []  # every right candidate, and its share of its note's codes
    notes = 0
    for said, right, lost in zip(probabilities, gold, missed, strict=True):
        codes = int(right.sum()) + lost
        if codes:
            notes += 1
            found.append(said[right])
            shares.append(np.full(len(found[-1]), 1 / codes))
    if not notes:
        return None
    steps, share = np.concatenate(found), np.concatenate(shares)
    order = np.argsort(-steps, kind="stable")
    risk = (notes - np.cumsum(share[order]) + 1) / (notes + 1)  # of a cut at each of them
    enough = np.flatnonzero(risk <= 1 - level + ROUNDING)
    return float(steps[order][enough[0]]) if len(enough) else None
