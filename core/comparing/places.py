"""Where codes stood that came to be accepted, added or rejected: in either of two lists."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.comparing.cases import Ranked
from core.comparing.resampling import RESAMPLES, Values, drawn_anew, ends
from core.types import Code

FIRST = 5  # of a list: what a coder looks at before scrolling
_CODES, _RANK_A, _RANK_B, _FIRST_A, _FIRST_B, _NONE_A, _NONE_B = range(7)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Codes of one kind in both lists; a code that is not listed stands one behind the last.

    The interval is of the difference of mean ranks (b - a), over notes drawn anew.
    """

    kind: str
    codes: int
    notes: int
    rank_a: float  # mean
    rank_b: float
    difference: float
    low: float
    high: float
    first_a: float  # share among the first FIRST
    first_b: float
    unlisted_a: int
    unlisted_b: int


class Places:
    """Adds up ranks note by note."""

    def __init__(self) -> None:
        self._rows: dict[str, list[list[float]]] = defaultdict(list)

    def add(self, of_note: Mapping[str, Sequence[Code]], a: Ranked, b: Ranked) -> None:
        """Count the codes of a note, by their kind."""
        for kind, codes in of_note.items():
            if codes:
                self._rows[kind].append(_row(codes, a, b))

    def found(
        self, kinds: Sequence[str], *, seed: int = 0, resamples: int = RESAMPLES
    ) -> tuple[Place, ...]:
        """What was added, for those of these kinds that there are."""
        return tuple(
            _place(kind, np.array(self._rows[kind]), seed, resamples)
            for kind in kinds
            if self._rows.get(kind)
        )


def _row(codes: Sequence[Code], a: Ranked, b: Ranked) -> list[float]:
    ranks = [[each.rank(code) for code in codes] for each in (a, b)]
    return [
        len(codes),
        *(sum(of) for of in ranks),
        *(sum(rank <= FIRST for rank in of) for of in ranks),
        *(sum(code not in each.codes for code in codes) for each in (a, b)),
    ]


def _place(kind: str, rows: Values, seed: int, resamples: int) -> Place:
    (anew,) = drawn_anew(rows, rng=np.random.default_rng(seed), resamples=resamples)
    low, high = ends((anew[:, _RANK_B] - anew[:, _RANK_A]) / anew[:, _CODES])
    sums = rows.sum(axis=0)
    mean = sums / sums[_CODES]
    return Place(
        kind=kind,
        codes=int(sums[_CODES]),
        notes=len(rows),
        rank_a=float(mean[_RANK_A]),
        rank_b=float(mean[_RANK_B]),
        difference=float(mean[_RANK_B] - mean[_RANK_A]),
        low=low,
        high=high,
        first_a=float(mean[_FIRST_A]),
        first_b=float(mean[_FIRST_B]),
        unlisted_a=int(sums[_NONE_A]),
        unlisted_b=int(sums[_NONE_B]),
    )
