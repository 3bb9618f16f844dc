"""What could be chance: notes drawn anew (paired bootstrap), and models swapped at random.

Both models are always counted on the same notes, so that hard notes are hard for both. Everything
is drawn from a seed: the same counts give the same intervals.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
RESAMPLES = 2000
LEVEL = 0.95
_AT_ONCE = 4_000_000  # weights held at a time; keeps memory flat


def drawn_anew(
    *counts_NK: Values, rng: np.random.Generator, resamples: int = RESAMPLES
) -> list[Values]:
    """Sums over as many notes, drawn with replacement, each time anew (resamples x K).

    Of several models' counts, each time over the same notes.
    """
    notes = len(counts_NK[0])
    even = np.full(notes, 1 / notes)
    parts: list[list[Values]] = [[] for _ in counts_NK]
    for size in _sizes(notes, resamples):
        times = rng.multinomial(notes, even, size=size)
        for kept, counts in zip(parts, counts_NK, strict=True):  # apart: equal counts, equal sums
            kept.append(times @ counts)
    return [np.concatenate(kept) for kept in parts]


def ends(values: Values) -> tuple[float, float]:
    """The 95 % percentile interval of figures that were drawn anew; NaN where none is defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def chance(
    a_NK: Values,
    b_NK: Values,
    figure: Callable[[Values], Values],
    rng: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
) -> float:
    """How often as large a difference comes when it is tossed on each note which model is which.

    Approximate randomization (Yeh, COLING 2000), two-sided, never 0. figure: from sums (..., K).
    """
    both_K = a_NK.sum(axis=0) + b_NK.sum(axis=0)
    apart_NK = b_NK - a_NK
    found = abs(_apart(both_K, apart_NK.sum(axis=0), figure))
    as_large = 0
    for size in _sizes(len(a_NK), resamples):
        tossed = rng.integers(0, 2, size=(size, len(a_NK))) * 2 - 1
        as_large += int((np.abs(_apart(both_K, tossed @ apart_NK, figure)) >= found - 1e-12).sum())
    return (as_large + 1) / (resamples + 1)


def _apart(both_K: Values, apart_RK: Values, figure: Callable[[Values], Values]) -> Values:
    return figure((both_K + apart_RK) / 2) - figure((both_K - apart_RK) / 2)


def _sizes(notes: int, resamples: int) -> Iterator[int]:
    step = max(1, _AT_ONCE // max(notes, 1))
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
