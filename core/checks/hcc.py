"""The CMS-HCCs of a chart's diagnoses (V28), by the package `hccinfhir` (works offline)."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.checks.chart import ChartCodes
from core.checks.drg import Uncomputed, unfit
from core.codes.writing import plain
from core.types import Sex

if TYPE_CHECKING:
    from hccinfhir import HCCInFHIR

MODEL = "CMS-HCC Model V28"
_SEXES = {Sex.MALE: "M", Sex.FEMALE: "F"}


@dataclass(frozen=True)
class HCC:
    """One condition category, after hierarchies, with its weight."""

    number: str
    title: str
    weight: float


@dataclass(frozen=True)
class Risk:
    """What a chart's diagnoses say of a person's expected costs next year.

    score: of age, sex and conditions, before normalisation, for somebody who lives in the
    community, has Medicare for their age (or disability, below 65), and no Medicaid.
    """

    hccs: tuple[HCC, ...]
    score: float
    of_conditions: float  # the part of the score that HCCs and their interactions make


def risk(chart: ChartCodes) -> Risk | Uncomputed:
    """The HCCs and the score; Uncomputed says what is missing."""
    why = unfit(chart)
    if why is not None or chart.sex is None:
        return Uncomputed(why or "age and sex (female or male) are needed")
    try:
        model = _model()
    except ImportError:
        return Uncomputed("the package hccinfhir is not installed")
    result = model.calculate_from_diagnosis(
        [plain(each.code.code) for each in chart.diagnoses],
        {"age": chart.age, "sex": _SEXES[chart.sex], "dual_elgbl_cd": "00"},
    )
    hccs = (
        HCC(each.hcc, each.label or "", round(each.coefficient or 0.0, 3))
        for each in result.hcc_details
    )
    return Risk(
        hccs=tuple(sorted(hccs, key=lambda each: int(each.number))),
        score=round(result.risk_score, 3),
        of_conditions=round(result.risk_score - result.risk_score_demographics, 3),
    )


@cache
def _model() -> "HCCInFHIR":
    """The tables of the model, read once (0.6 s) by the first who asks."""
    from hccinfhir import HCCInFHIR

    return HCCInFHIR(model_name=MODEL)
