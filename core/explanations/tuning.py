"""From which score on a word is shown: tuned for each method on notes that coders marked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.context.words import split
from core.errors import BadSettings
from core.explanations.spans import SHOWN_FROM, joined, telling
from core.types import Evidence, Span

TRIED = (0.01, 0.02, 0.03, *(step / 20 for step in range(1, 20)))  # and 0.05, 0.1, ... 0.95


@dataclass(frozen=True, kw_only=True)
class Marked:
    """One code of one note: a method's token scores, and what coders marked for the code."""

    text: str
    tokens: Sequence[Evidence]
    marks: Sequence[Span]


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """The best share of the strongest word's score, and the token-level figures it has there."""

    shown_from: float
    precision: float
    recall: float
    f1: float


def tune(marked: Iterable[Marked], *, tried: Sequence[float] = TRIED) -> Tuned:
    """The threshold with the best micro-averaged token F1; of equals the nearest to the default.

    A token counts as marked, and as shown, if a span touches it. BadSettings without any marks.
    """
    counts = sum((_counts(each, tried) for each in marked), np.zeros((len(tried), 3), dtype=int))
    if not len(tried) or not counts[0, 2]:
        raise BadSettings("no token is marked for any code; tune on notes with marked evidence")
    figures = [_figures(cut, *map(int, row)) for cut, row in zip(tried, counts, strict=True)]
    return max(figures, key=lambda each: (each.f1, -abs(each.shown_from - SHOWN_FROM)))


def _counts(marked: Marked, tried: Sequence[float]) -> NDArray[np.int_]:
    """For each threshold: tokens both shown and marked, shown, marked."""
    note = split(marked.text)
    scores = telling(note, marked.tokens)
    gold = _touched(marked.tokens, marked.marks)
    rows = []
    for cut in tried:
        shown = _touched(marked.tokens, joined(note, scores, shown_from=cut))
        rows.append((len(shown & gold), len(shown), len(gold)))
    return np.array(rows, dtype=int)


def _touched(tokens: Sequence[Evidence], places: Iterable[Span | Evidence]) -> frozenset[int]:
    starts, ends = ([getattr(t, end) for t in tokens] for end in ("start", "end"))
    return frozenset(
        number
        for place in places
        for number in range(bisect_right(ends, place.start), bisect_left(starts, place.end))
    )


def _figures(cut: float, both: int, shown: int, gold: int) -> Tuned:
    return Tuned(
        shown_from=cut,
        precision=both / shown if shown else 0.0,
        recall=both / gold,
        f1=2 * both / (shown + gold),
    )
