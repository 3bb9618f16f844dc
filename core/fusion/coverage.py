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
    notes = [
        (np.sort(p[g]), int(g.sum()) + m)
        for p, g, m in zip(probabilities, gold, missed, strict=True)
        if g.sum() + m
    ]
    if not notes:
        return None
    steps = np.unique(np.concatenate([found for found, _ in notes]))[::-1]
    for start in _search(len(steps)):
        step = float(steps[start])
        held = sum((len(f) - np.searchsorted(f, step)) / total for f, total in notes)
        risk = (len(notes) - held + 1) / (len(notes) + 1)
        if risk <= 1 - level:
            return step
    return None


def _search(count: int, most: int = 2000) -> list[int]:
    """Places to try from the first to the last: all, or evenly spread ones if there are many."""
    if count <= most:
        return list(range(count))
    return sorted({round(x) for x in np.linspace(0, count - 1, most)})
