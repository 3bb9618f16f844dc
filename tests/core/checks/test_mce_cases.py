"""Medicare Code Editor: codes that may not be principal, and ages, on fixed cases.

Looked up in CMS's "Definitions of Medicare Code Edits": manifestation codes (edit 10), unacceptable
principal diagnoses (edit 9), age conflicts (edit 4).
"""

import pytest

from core.checks import Level
from tests.core.checks.charts import codes, found

MANIFESTATIONS = [  # a code, and the disease it is a manifestation of
    ("D77", "E75.22"),
    ("E35", "A18.81"),
    ("F02.80", "G30.9"),
    ("G94", "A69.22"),
    ("I39", "A78"),
    ("I41", "B97.10"),
    ("I43", "E85.4"),
    ("J17", "B44.9"),
    ("K77", "B65.9"),
    ("L99", "E85.4"),
    ("N08", "E85.4"),
    ("N16", "D86.9"),
]
CIRCUMSTANCES = ("B95.0", "B96.20", "R65.20", "Z16.10", "Z33.1", "Z37.0", "Z66", "Z68.41", "Z90.49")
REASONS = ("A41.9", "I21.4", "J18.9", "K35.80", "O80", "Z38.00", "Z47.1", "Z51.11")
PRINCIPAL = ("manifestation as principal", "unacceptable principal", "external cause as principal")


@pytest.mark.parametrize(("code", "disease"), MANIFESTATIONS)
def test_a_manifestation_is_no_principal_diagnosis_and_stands_behind_its_disease(
    code: str, disease: str
) -> None:
    (finding,) = found(codes(code, disease), "manifestation as principal")
    assert finding.level is Level.ERROR
    assert found(codes(disease, code), "manifestation as principal") == []


@pytest.mark.parametrize("code", CIRCUMSTANCES)
def test_a_circumstance_is_no_principal_diagnosis_of_a_stay(code: str) -> None:
    (finding,) = found(codes(code, inpatient=True), "unacceptable principal")
    assert finding.level is Level.ERROR
    assert found(codes("J18.9", code, inpatient=True), "unacceptable principal") == []


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_for_admission_may_be_principal(code: str) -> None:
    chart = codes(code, inpatient=True)
    assert [each for rule in PRINCIPAL for each in found(chart, rule)] == []


@pytest.mark.parametrize(
    ("code", "fits", "does_not"),
    [
        ("Z00.121", 17, 18),
        ("O34.211", 40, 80),
        ("F03.90", 80, 10),
        ("R54", 40, 10),
        ("I10", 5, None),
    ],
)
def test_an_age_the_editor_does_not_admit_is_an_error(
    code: str, fits: int, does_not: int | None
) -> None:
    assert found(codes(code, age=fits), "age conflict") == []
    if does_not is not None:
        (finding,) = found(codes(code, age=does_not), "age conflict")
        assert finding.level is Level.ERROR
