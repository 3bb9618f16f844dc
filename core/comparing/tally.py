"""The tally of two models: note by note what each list was worth, at the end the comparison."""

import math
import zlib
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from core.comparing.cases import Case, Ranked
from core.comparing.comparison import ENOUGH, CodeFigure, Comparison, Figure, Side, Standing
from core.comparing.counting import NAMES, UNKNOWN, WIDTH, counts, f1, figures
from core.comparing.resampling import RESAMPLES, Values, chance, drawn_anew, ends
from core.types import Code

DISCOVERIES = 0.05  # expected share of mistakes among the codes said to be better or worse
# of a code on a note: carried, then for each model likely and right, likely, and its rank
_Row = tuple[float, ...]
_RIGHT, _A, _B = 0, slice(1, 3), slice(3, 5)
_RANK_A, _RANK_B = 5, 6
Spaces = tuple[Container[Code], Container[Code]]


class Tally:
    """Adds up two lists on each note. Holds numbers, no text: notes may be streamed."""

    def __init__(self) -> None:
        self._counts: tuple[list[Values], list[Values]] = ([], [])
        self._codes: dict[Code, list[_Row]] = defaultdict(list)
        self._whole = 0

    def add(self, case: Case, a: Ranked, b: Ranked) -> None:
        """Count both lists on a note."""
        for kept, ranked in zip(self._counts, (a, b), strict=True):
            kept.append(counts(case, ranked))
        self._whole += case.wrong is None
        suggested = {code for code in a.likely | b.likely if case.knows(code)}
        for code in case.right | suggested:
            self._codes[code].append(_row(code, case, a, b))

    def comparison(
        self,
        a: Side,
        b: Side,
        *,
        spaces: Spaces = ((), ()),
        seed: int = 0,
        resamples: int = RESAMPLES,
    ) -> Comparison:
        """The comparison of all that was added. spaces: what the networks rank, if that is known.

        The same notes and seed give the same; a and b exchanged give the same with another sign.
        """
        of_a, of_b = (np.array(kept).reshape(-1, WIDTH) for kept in self._counts)
        lines = [
            _code_figure(code, np.array(self._codes[code]), spaces, seed, resamples)
            for code in sorted(self._codes)
        ]
        return Comparison(
            a=a,
            b=b,
            notes=len(of_a),
            whole=self._whole,
            unknown_a=int(of_a[:, UNKNOWN].sum()),
            unknown_b=int(of_b[:, UNKNOWN].sum()),
            figures=tuple(_figures(of_a, of_b, np.random.default_rng(seed), resamples)),
            codes=tuple(sorted(_told(lines), key=_by_loss)),
            seed=seed,
            resamples=resamples,
        )


def _row(code: Code, case: Case, a: Ranked, b: Ranked) -> _Row:
    right = code in case.right
    of_both = ((right and code in each.likely, code in each.likely) for each in (a, b))
    return (right, *(float(x) for pair in of_both for x in pair), a.rank(code), b.rank(code))


def _figures(
    of_a: Values, of_b: Values, rng: np.random.Generator, resamples: int
) -> Iterator[Figure]:
    if not len(of_a):
        yield from (_no_figure(name) for name in NAMES)
        return
    drawn_a, drawn_b = drawn_anew(of_a, of_b, rng=rng, resamples=resamples)
    found_a, found_b = figures(of_a.sum(axis=0)), figures(of_b.sum(axis=0))
    anew_a, anew_b = figures(drawn_a), figures(drawn_b)
    for name in NAMES:
        low, high = ends(anew_b[name] - anew_a[name])
        (a_low, a_high), (b_low, b_high) = ends(anew_a[name]), ends(anew_b[name])
        a, b = float(found_a[name]), float(found_b[name])
        yield Figure(
            name=name,
            **{
                said: _or_none(value)
                for said, value in {
                    "a": a,
                    "a_low": a_low,
                    "a_high": a_high,
                    "b": b,
                    "b_low": b_low,
                    "b_high": b_high,
                    "difference": b - a,
                    "low": low,
                    "high": high,
                }.items()
            },
        )


def _no_figure(name: str) -> Figure:
    empty: dict[str, None] = dict.fromkeys(
        ("a", "a_low", "a_high", "b", "b_low", "b_high", "difference", "low", "high")
    )
    return Figure(name=name, **empty)


def _code_figure(
    code: Code, rows: NDArray[np.float64], spaces: Spaces, seed: int, resamples: int
) -> CodeFigure:
    carried = rows[:, _RIGHT]
    notes = int(carried.sum())
    a_NK, b_NK = (np.column_stack([rows[:, part], carried]) for part in (_A, _B))
    of_a, of_b = (float(_f1(part.sum(axis=0))) for part in (a_NK, b_NK))
    low = high = by_chance = math.nan
    if notes >= ENOUGH:
        # of its own, so that a code's interval does not depend on the codes before it
        rng = np.random.default_rng([seed, zlib.crc32(str(code).encode())])
        drawn_a, drawn_b = drawn_anew(a_NK, b_NK, rng=rng, resamples=resamples)
        low, high = ends(_f1(drawn_b) - _f1(drawn_a))
        by_chance = chance(a_NK, b_NK, _f1, rng, resamples=resamples)
    ranks = rows[carried > 0][:, [_RANK_A, _RANK_B]].mean(axis=0) if notes else (math.nan,) * 2
    return CodeFigure(
        system=code.system.value,
        code=code.code,
        notes=notes,
        hits_a=int(a_NK[:, 0].sum()),
        hits_b=int(b_NK[:, 0].sum()),
        wrong_a=int((a_NK[:, 1] - a_NK[:, 0]).sum()),
        wrong_b=int((b_NK[:, 1] - b_NK[:, 0]).sum()),
        rank_a=_or_none(float(ranks[0])),
        rank_b=_or_none(float(ranks[1])),
        f1_a=_or_none(of_a),
        f1_b=_or_none(of_b),
        difference=_or_none(of_b - of_a),
        low=_or_none(low),
        high=_or_none(high),
        chance=_or_none(by_chance),
        standing=Standing.FEW,
        only=_only(code, spaces),
    )


def _f1(sums: Values) -> Values:
    """F1 from sums of likely and right, likely, and right (..., 3)."""
    return f1(sums[..., 0], sums[..., 1], sums[..., 2])


def _told(lines: Sequence[CodeFigure]) -> Iterator[CodeFigure]:
    """The lines with what is said of each code, once it is clear among how many it was looked at.

    Benjamini & Hochberg 1995.
    """
    tested = [each for each in lines if each.chance is not None]
    adjusted = false_discovery_control([each.chance for each in tested]) if tested else []
    of_code: Mapping[tuple[str, str], float] = {
        (each.system, each.code): float(value) for each, value in zip(tested, adjusted, strict=True)
    }
    for each in lines:
        by_chance = of_code.get((each.system, each.code))
        if by_chance is None:
            yield each
            continue
        standing = Standing.NONE
        if by_chance < DISCOVERIES and each.difference:
            standing = Standing.BETTER if each.difference > 0 else Standing.WORSE
        yield replace(each, chance=by_chance, standing=standing)


def _by_loss(line: CodeFigure) -> tuple[bool, float, int, str, str]:
    """The largest loss first, codes with too few notes after all others."""
    few = line.standing is Standing.FEW
    return few, line.difference or 0.0, -line.notes, line.system, line.code


def _only(code: Code, spaces: Spaces) -> str:
    a, b = (code in space for space in spaces)
    return "" if a == b else "a" if a else "b"


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
