"""Agreement between coders: kappa, positive agreement, Jaccard; alpha for more than two.

A unit is one code on one chart, given or not given, over all codes that any of the coders gave. A
coding maps a chart to the codes one coder gave it; charts that a coder did not code are absent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import BadInput
from core.types import Code

Coding = Mapping[str, frozenset[Code]]  # chart -> codes


@dataclass(frozen=True, kw_only=True)
class CoderAgreement:
    """Units by who gave the code; the figures are None where the units leave them undefined."""

    both: int
    only_one: int
    only_other: int
    neither: int

    @property
    def units(self) -> int:
        return self.both + self.only_one + self.only_other + self.neither

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa, as scikit-learn has it; None if neither coder ever varies."""
        one, other = self.both + self.only_one, self.both + self.only_other
        units = self.units
        by_chance = one * other + (units - one) * (units - other)  # times units squared
        if by_chance == units * units:
            return None
        observed = (self.both + self.neither) * units
        return (observed - by_chance) / (units * units - by_chance)

    @property
    def positive(self) -> float | None:
        """Share of given codes that were given by both (the F1 of one against the other)."""
        given = 2 * self.both + self.only_one + self.only_other
        return 2 * self.both / given if given else None

    @property
    def jaccard(self) -> float | None:
        """Codes given by both over codes given by either."""
        given = self.both + self.only_one + self.only_other
        return self.both / given if given else None


def agreement(one: Coding, other: Coding, codes: Collection[Code] | None = None) -> CoderAgreement:
    """Two coders over the charts that both coded.

    codes: the codes that could be given (default: all that either gave on these charts).
    """
    charts = _shared(one, other)
    known = _codes(charts, one, other) if codes is None else frozenset(codes)
    both = sum(len(one[chart] & other[chart] & known) for chart in charts)
    first = sum(len(one[chart] & known) for chart in charts)
    second = sum(len(other[chart] & known) for chart in charts)
    return CoderAgreement(
        both=both,
        only_one=first - both,
        only_other=second - both,
        neither=len(charts) * len(known) - first - second + both,
    )


def by_code(one: Coding, other: Coding) -> dict[Code, CoderAgreement]:
    """The agreement on each code that either gave, over the charts that both coded."""
    codes = sorted(_codes(_shared(one, other), one, other))
    return {code: agreement(one, other, {code}) for code in codes}


def by_chart(one: Coding, other: Coding) -> dict[str, CoderAgreement]:
    """The agreement on each chart, over all codes that either gave on any of them."""
    charts = _shared(one, other)
    codes = _codes(charts, one, other)
    return {chart: agreement({chart: one[chart]}, {chart: other[chart]}, codes) for chart in charts}


def alpha(codings: Sequence[Coding]) -> float | None:
    """Krippendorff's alpha (nominal) of any number of coders; None if nothing varies.

    Charts that fewer than two of them coded say nothing. (Krippendorff 2011, "Computing
    Krippendorff's alpha-reliability".)
    """
    charts = {chart for coding in codings for chart in coding}
    coded = {chart: [coding[chart] for coding in codings if chart in coding] for chart in charts}
    shared = [given for given in coded.values() if len(given) > 1]
    codes = frozenset(code for given in shared for each in given for code in each)
    return nominal_alpha([[code in each for each in given] for given in shared for code in codes])


def nominal_alpha(units: Iterable[Sequence[object]]) -> float | None:
    """Krippendorff's alpha of units, each the values that its coders gave."""
    totals: dict[object, int] = {}
    disagreed, values = 0.0, 0
    for unit in units:
        if len(unit) < 2:
            continue
        counts = {value: unit.count(value) for value in set(unit)}
        pairs = len(unit) ** 2 - sum(count * count for count in counts.values())
        disagreed += pairs / (len(unit) - 1)
        values += len(unit)
        for value, count in counts.items():
            totals[value] = totals.get(value, 0) + count
    expected = values**2 - sum(total * total for total in totals.values())
    return 1 - (values - 1) * disagreed / expected if expected else None


def _shared(one: Coding, other: Coding) -> list[str]:
    charts = sorted(one.keys() & other.keys())
    if not charts:
        raise BadInput("these two coders have no chart in common; choose others")
    return charts


def _codes(charts: Iterable[str], *codings: Coding) -> frozenset[Code]:
    return frozenset(code for chart in charts for coding in codings for code in coding[chart])
