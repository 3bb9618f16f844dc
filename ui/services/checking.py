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
from core.settings import settings
from core.types import Code, Encounter
from db.workflow_records import Coded
from ui.services.background import Background
from ui.services.charts import Chart, Row, State
from ui.services.grouping import AskedGroups, Groups
from ui.services.tables import Tables

_STANDS = (State.ACCEPTED, State.ADDED)
_CATEGORIES = "ccs"  # the task of the category branch, as thresholds name it
_KEPT = 64  # groups at hand


@dataclass(frozen=True, kw_only=True)
class Sequencing:
    """What coders say of codes beyond accepting them."""

    order: tuple[Code, ...] = ()  # codes that are not in it follow in the chart's order
    principal: Code | None = None
    poa: Mapping[Code, str] = field(default_factory=dict)
    unrelated: frozenset[frozenset[Code]] = frozenset()  # pairs that Excludes1 does not mean


NOT_SEQUENCED = Sequencing()
_GroupKey = tuple[tuple[ChartCode, ...], AskedGroups, Encounter]


def sequencing(coded: Coded) -> Sequencing:
    """What the details of a chart say, as the checks ask for it."""
    return Sequencing(
        order=tuple(each.code for each in coded.codes),
        principal=coded.principal,
        poa={each.code: each.poa for each in coded.codes},
        unrelated=coded.unrelated,
    )


def only_warn() -> frozenset[str]:
    """The rules that do not block at this site, as the setting `only_warn` names them."""
    named = settings().only_warn.split(",")
    return frozenset(name.strip() for name in named if name.strip())


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The findings of a chart, errors first."""

    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> bool:
        """Whether the chart must not be submitted as it is."""
        return any(finding.level is Level.ERROR for finding in self.findings)

    @property
    def why(self) -> str:
        """Why the chart cannot be finished, in a coder's words; empty if it can."""
        errors = [finding for finding in self.findings if finding.level is Level.ERROR]
        if not errors:
            return ""
        first = f"{errors[0].says} {errors[0].to_do}"
        if len(errors) == 1:
            return f"an error keeps this chart from being finished: {first}"
        return f"{len(errors)} errors keep this chart from being finished. The first: {first}"

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
    background: Background[_GroupKey, Groups] = field(
        default_factory=lambda: Background("groups", kept=_KEPT), compare=False, repr=False
    )

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

    def check_coded(self, coded: Coded, encounter: Encounter) -> Checked:
        """What the rules find on a chart on record, without the list that was shown with it.

        The errors are those of `check`; only the model's two branches are left out, which warn.
        """
        codes = ChartCodes(
            codes=tuple(
                ChartCode(
                    code=each.code,
                    title=each.title,
                    principal=each.code == coded.principal,
                    poa=each.poa or None,
                )
                for each in coded.codes
            ),
            age=encounter.age,
            sex=encounter.sex,
            inpatient=self.inpatient,
            unrelated=coded.unrelated,
        )
        return Checked(findings=check(codes, tables=self.tables, only_warn=self.only_warn))

    def groups(
        self, chart: Chart, asked: AskedGroups, *, sequencing: Sequencing, patience: float = 0.0
    ) -> Groups | None:
        """What a chart groups to, and what a code changes, if there within `patience` seconds."""
        patient = asked.of(chart.opened.note.encounter)
        codes = self._codes(chart, patient, sequencing)
        return self.background.look(
            (codes.codes, asked, patient), lambda _: _groups(codes, asked), patience=patience
        )

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


def _groups(codes: ChartCodes, asked: AskedGroups) -> Groups:
    code, now = asked.code, impact(codes)
    if code is None:
        return Groups(asked=asked, impact=now)
    on_chart = any(each.code == code for each in codes.codes)
    changed = without(codes, code) if on_chart else with_code(codes, code)
    return Groups(asked=asked, impact=now, other=impact(changed))


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
