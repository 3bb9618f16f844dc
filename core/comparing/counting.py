"""What is counted of one list on one note, and the figures that sums of such counts come to.

A figure is made from sums over notes alone, so that drawing notes anew (`resampling`) means adding
counts, not scoring. Codes of which nothing is known are taken out of a list before its ranks count
(condensed lists: Sakai, Alternatives to Bpref, SIGIR 2007).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.comparing.cases import Case, Ranked

AT = (5, 10, 20)  # a coder is shown the first 20 at least
BINS = 10  # of probability, for the calibration error
JUDGED = max(AT)  # known codes of each list whose probabilities are held against what was right

NAMES = (
    "MAP",
    "F1",
    "precision",
    "recall",
    *(f"recall@{k}" for k in AT),
    "calibration error",
)
LOWER_IS_BETTER = ("calibration error",)

_HEAD = ("precision", "coded", "hits", "likely", "right", "unknown")
_RECALL = len(_HEAD)
_BINS = _RECALL + len(AT)
WIDTH = _BINS + 3 * BINS  # of a bin: codes, sum of probabilities, right ones
_AVERAGE, _CODED, _HITS, _LIKELY, _RIGHT, UNKNOWN = range(_RECALL)

Sums = NDArray[np.float64]  # ..., WIDTH


def counts(case: Case, ranked: Ranked) -> Sums:
    """The counts of one list on one note (WIDTH)."""
    found = np.zeros(WIDTH)
    known = [code for code in ranked.codes if case.knows(code)]
    right = [code in case.right for code in known]
    likely = [code for code in known if code in ranked.likely]
    found[_CODED] = bool(case.right)
    found[_HITS] = sum(code in case.right for code in likely)
    found[_LIKELY], found[_RIGHT] = len(likely), len(case.right)
    found[UNKNOWN] = len(ranked.likely) - len(likely)
    if case.right:
        found[_AVERAGE] = _average_precision(right, of=len(case.right))
        for place, k in enumerate(AT):
            found[_RECALL + place] = sum(right[:k]) / len(case.right)
    said = np.array([ranked.codes[code] for code in known[:JUDGED]])
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    for part, weights in enumerate((None, said, np.array(right[:JUDGED], dtype=float))):
        start = _BINS + part * BINS
        found[start : start + BINS] = np.bincount(bins, weights, minlength=BINS)
    return found


def figures(sums: Sums) -> Mapping[str, NDArray[np.float64]]:
    """Every figure of NAMES from sums over notes (..., WIDTH); NaN where there is no case."""
    mean = _share(sums[..., _AVERAGE], sums[..., _CODED])
    hits, likely, right = sums[..., _HITS], sums[..., _LIKELY], sums[..., _RIGHT]
    found = [mean, f1(hits, likely, right), _share(hits, likely), _share(hits, right)]
    found += [_share(sums[..., _RECALL + place], sums[..., _CODED]) for place in range(len(AT))]
    number, said, true = (
        sums[..., _BINS + part * BINS : _BINS + (part + 1) * BINS] for part in range(3)
    )
    found.append(_share(np.abs(said - true).sum(axis=-1), number.sum(axis=-1)))
    return dict(zip(NAMES, found, strict=True))


def f1(
    hits: NDArray[np.float64], likely: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The harmonic mean of precision and recall; NaN where nothing is right and nothing likely."""
    return _share(2.0 * hits, likely + right)


def _average_precision(right: Sequence[bool], *, of: int) -> float:
    places = np.flatnonzero(right) + 1
    return float((np.arange(1, len(places) + 1) / places).sum() / of)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    nothing = np.full(np.broadcast(part, whole).shape, np.nan)
    shares: NDArray[np.float64] = np.divide(part, whole, out=nothing, where=whole > 0)
    return shares
