"""What a chart's codes group to, and what one code more or less changes about that."""

from dataclasses import dataclass, replace

from core.checks.chart import ChartCode, ChartCodes
from core.checks.drg import DRG, Uncomputed, drg
from core.checks.hcc import HCC, Risk, risk
from core.types import Code

__all__ = ["DRG", "HCC", "Impact", "Risk", "Uncomputed", "impact", "with_code", "without"]


@dataclass(frozen=True)
class Impact:
    """What a payer makes of a chart."""

    drg: DRG | Uncomputed
    risk: Risk | Uncomputed


def impact(chart: ChartCodes) -> Impact:
    """MS-DRG and HCCs of the chart as it stands."""
    return Impact(drg=drg(chart), risk=risk(chart))


def without(chart: ChartCodes, code: Code) -> ChartCodes:
    """The same chart without one code."""
    return replace(chart, codes=tuple(each for each in chart.codes if each.code != code))


def with_code(chart: ChartCodes, code: Code) -> ChartCodes:
    """The same chart with one code more, as a further diagnosis or procedure."""
    if any(each.code == code for each in chart.codes):
        return chart
    first = chart.principal  # it stays so, even if it was only because it stood alone
    marked = (replace(each, principal=True) if each is first else each for each in chart.codes)
    return replace(chart, codes=(*marked, ChartCode(code=code)))
