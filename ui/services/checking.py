"""Checking: what is wrong with a chart's codes before it is submitted, and what they group to.

Nothing is stored: findings follow from the chart as it stands, and are gone once they are mended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.checks import (
    ChartCode,
    ChartCodes,
    Finding,
    Impact,
    Level,
    check,
    impact,
    with_code,
    without,
)
from core.types import Code, Encounter
from ui.services.charts import Chart, Row, State
from ui.services.tables import Tables

_STANDS = (State.ACCEPTED, State.ADDED)
_CATEGORIES = "ccs"  # the task of the category branch, as thresholds name it


@dataclass(frozen=True, kw_only=True)
class Sequencing:
    """What coders say of codes beyond accepting them."""

    order: tuple[Code, ...] = ()  # codes that are not in it follow in the chart's order
    principal: Code | None = None
    poa: Mapping[Code, str] = field(default_factory=dict)
    unrelated: frozenset[frozenset[Code]] = frozenset()  # pairs that Excludes1 does not mean


NOT_SEQUENCED = Sequencing()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The findings of a chart, errors first."""

    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> bool:
        """Whether the chart must not be submitted as it is."""
        return any(finding.level is Level.ERROR for finding in self.findings)

    def of(self, code: Code) -> tuple[Finding, ...]:
        """The findings that concern one code."""
        return tuple(finding for finding in self.findings if code in finding.codes)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a chart groups to with a code, and without it."""

    with_it: Impact
    without_it: Impact


@dataclass(frozen=True, kw_only=True)
class Checking:
    """The checks of core, asked of charts.

    Of a patient, age and sex are looked at: those that came with the note, unless told others.
    """

    tables: Tables
    inpatient: bool | None = None  # whether charts are hospital stays; None: they may be
    only_warn: frozenset[str] = frozenset()  # rules that do not block at this site

    def check(
        self,
        chart: Chart,
        *,
        encounter: Encounter | None = None,
        sequencing: Sequencing = NOT_SEQUENCED,
    ) -> Checked:
        """Everything the rules find on the chart as it stands now."""
        codes = self._codes(chart, encounter, sequencing)
        found = check(codes, tables=self.tables, only_warn=self.only_warn)
        return Checked(findings=found)

    def impact(
        self,
        chart: Chart,
        *,
        encounter: Encounter | None = None,
        sequencing: Sequencing = NOT_SEQUENCED,
    ) -> Impact:
        """MS-DRG and HCCs, or why they cannot be computed. 0.5 s at first use, then some ms."""
        return impact(self._codes(chart, encounter, sequencing))

    def difference(
        self,
        chart: Chart,
        code: Code,
        *,
        encounter: Encounter | None = None,
        sequencing: Sequencing = NOT_SEQUENCED,
    ) -> Difference:
        """What one code changes, whether it is on the chart or may be added."""
        codes = self._codes(chart, encounter, sequencing)
        return Difference(
            with_it=impact(with_code(codes, code)), without_it=impact(without(codes, code))
        )

    def _codes(
        self, chart: Chart, encounter: Encounter | None, sequencing: Sequencing
    ) -> ChartCodes:
        codes = chart_codes(chart, encounter or chart.opened.note.encounter, sequencing)
        return replace(codes, inpatient=self.inpatient)


def chart_codes(chart: Chart, encounter: Encounter, sequencing: Sequencing) -> ChartCodes:
    """The accepted and added codes in their order, with all the rules may ask about them."""
    place = {code: number for number, code in enumerate(sequencing.order)}
    standing = [row for row in chart.rows if row.state in _STANDS]
    standing.sort(key=lambda row: place.get(row.code, len(place)))
    screen = chart.opened.screen
    suggested = () if screen is None else (each.suggestion for each in screen.suggestions)
    known = ChartCodes(
        codes=tuple(_chart_code(row, sequencing) for row in standing),
        rejected=frozenset(row.code for row in chart.rows if row.state is State.REJECTED),
        age=encounter.age,
        sex=encounter.sex,
        categories={each.code: each.probability for each in suggested if each.task == _CATEGORIES},
        category_of={row.code: row.category for row in chart.rows if row.category is not None},
        unrelated=sequencing.unrelated,
    )
    if screen is None:
        return known
    return replace(known, likely=screen.thresholds.get(_CATEGORIES, known.likely))


def _chart_code(row: Row, sequencing: Sequencing) -> ChartCode:
    return ChartCode(
        code=row.code,
        title=row.title,
        principal=row.code == sequencing.principal,
        poa=sequencing.poa.get(row.code) or None,
    )
