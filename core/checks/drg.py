"""The MS-DRG a chart groups to, by the package `msdrg` (a port of CMS's grouper; works offline)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.checks.chart import POA, ChartCode, ChartCodes
from core.codes.writing import plain
from core.types import CodeSystem, Sex

if TYPE_CHECKING:
    from msdrg import ClaimInput, DiagnosisInput, GroupResult

VERSION = 431  # April to September 2026, as the tabular list
_HOME = 1  # the discharge status assumed; it matters for few DRGs, such as those of the dead
_SEXES = {Sex.MALE: 0, Sex.FEMALE: 1}
_CLAIMED = frozenset({POA.YES, POA.NO, POA.UNKNOWN, POA.UNDETERMINED})
_REFUSED = {
    "INVALID_PDX": "the principal diagnosis is not a valid code",
    "DX_CANNOT_BE_PDX": "this code cannot be the principal diagnosis",
    "INVALID_PDX_FOR_DRG": "this code cannot be the principal diagnosis",
}


@dataclass(frozen=True)
class DRG:
    """A diagnosis-related group, and how severe the secondary diagnoses make it."""

    number: int
    title: str
    mdc: int
    mdc_title: str
    severity: str  # "MCC", "CC" or "" (neither)


@dataclass(frozen=True)
class Uncomputed:
    """Why a figure cannot be computed."""

    why: str


def drg(chart: ChartCodes) -> DRG | Uncomputed:
    """The group of a chart discharged home; Uncomputed says what is missing."""
    why = unfit(chart)
    if why is not None:
        return Uncomputed(why)
    if chart.principal is None:
        return Uncomputed("no code is marked as the principal diagnosis")
    try:
        from msdrg import MsdrgGrouper

        with MsdrgGrouper() as grouper:
            grouped = grouper.group(_claim(chart, chart.principal))
    except (ImportError, OSError):
        return Uncomputed("the package msdrg is not installed, or has no build for this platform")
    return _read(grouped)


def unfit(chart: ChartCodes) -> str | None:
    """Why neither DRG nor HCC can be computed, or None."""
    if chart.age is None or chart.sex not in _SEXES:
        return "age and sex (female or male) are needed"
    if not chart.diagnoses:
        return "the chart has no diagnosis"
    if any(each.code.system is not CodeSystem.ICD10CM for each in chart.diagnoses):
        return "only ICD-10-CM diagnoses group; this chart has others"
    return None


def _claim(chart: ChartCodes, principal: ChartCode) -> "ClaimInput":
    used = any(each.poa for each in chart.diagnoses)
    return {
        "version": VERSION,
        "age": min(chart.age or 0, 124),
        "sex": _SEXES[chart.sex],  # type: ignore[index, typeddict-item]  # unfit() made sure
        "discharge_status": _HOME,
        # without indicators, hospital-acquired conditions are left out of the question
        "hospital_status": "NOT_EXEMPT" if used else "EXEMPT",
        "pdx": _diagnosis(principal),
        "sdx": [_diagnosis(each) for each in chart.diagnoses if each is not principal],
        "procedures": [
            {"code": each.code.code}
            for each in chart.procedures
            if each.code.system is CodeSystem.ICD10PCS
        ],
    }


def _diagnosis(each: ChartCode) -> "DiagnosisInput":
    found: DiagnosisInput = {"code": plain(each.code.code)}
    if each.poa in _CLAIMED:
        found["poa"] = str(each.poa)
    return found


def _read(grouped: "GroupResult") -> DRG | Uncomputed:
    code = grouped["return_code"]
    number = grouped["final_drg"]
    if code != "OK" or number is None:
        words = code.lower().replace("_", " ")
        return Uncomputed(f"the grouper could not group it: {_REFUSED.get(code, words)}")
    severity = str(grouped["final_severity"])
    return DRG(
        number=number,
        title=grouped["final_drg_description"] or "",
        mdc=grouped["final_mdc"] or 0,
        mdc_title=grouped["final_mdc_description"] or "",
        severity=severity if severity in ("CC", "MCC") else "",
    )
