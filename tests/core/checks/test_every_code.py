"""Properties of the rules that hold for every code of every table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks import ChartCode, ChartCodes, Level, check
from core.checks.excludes import excludes1
from core.checks.mce import medicare_edits
from core.checks.rule import Known, Rule
from core.checks.rules import RULES
from core.checks.validity import invalid
from core.codes import CodeTables, Kind, Status, cited, shared_tables
from core.types import Code, CodeSystem, Sex
from tests.core.checks.charts import codes, icd9, icd10


@pytest.fixture(scope="module")
def tables() -> CodeTables:
    return shared_tables()


@pytest.fixture(scope="module")
def every(tables: CodeTables) -> tuple[ChartCode, ...]:
    return tuple(ChartCode(code=icd10(code)) for code in tables.icd10cm.codes())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_reads_every_diagnosis_there_is(
    rule: Rule, every: tuple[ChartCode, ...], tables: CodeTables
) -> None:
    assert len(every) > 74_000
    some = every[:: {"Excludes1": 700, "duplicate": 10}.get(rule.name, 1)]  # they compare pairs
    chart = ChartCodes(codes=some, age=200, sex=Sex.MALE, inpatient=True)
    with medicare_edits() as edits:
        findings = list(rule.findings(chart, Known(tables, edits)))
    assert all(finding.says and finding.to_do for finding in findings)


def test_the_table_of_codes_and_the_rule_agree_on_what_may_be_reported(tables: CodeTables) -> None:
    some = [icd10(code) for code in tables.icd10cm.codes()[::50]]
    told = {found.codes[0] for found in invalid(codes(*some), Known(tables, None))}
    assert told == {code for code in some if tables.status(code) is not Status.VALID}


def test_no_code_excludes_itself(tables: CodeTables) -> None:
    for code in tables.icd10cm.codes()[::40]:
        chart = ChartCodes(codes=(ChartCode(code=icd10(code)), ChartCode(code=icd10(code))))
        assert list(excludes1(chart, Known(tables, None))) == []


def test_nearly_every_note_that_names_codes_is_understood(tables: CodeTables) -> None:
    notes = {
        each.text
        for code in tables.icd10cm.codes()[::2]
        if len(code) < 6
        for each in tables.instructions(icd10(code))
        if each.kind is Kind.EXCLUDES1 and "(" in each.text and any(map(str.isdigit, each.text))
    }
    silent = [text for text in notes if not list(cited(text))]
    assert len(notes) > 2_500
    assert len(silent) <= 12, silent


_SYSTEMS = st.sampled_from(
    [CodeSystem.ICD10CM, CodeSystem.ICD10PCS, CodeSystem.ICD9CM, CodeSystem.ICD9PROC]
)
_CODES = st.builds(Code, _SYSTEMS, st.text("0123456789AEIQVZ.", min_size=1, max_size=8))


@settings(max_examples=30)
@given(
    st.lists(_CODES, max_size=6),
    st.none() | st.integers(-5, 300),
    st.none() | st.sampled_from(Sex),
    st.none() | st.sampled_from(["Y", "1", "?", ""]),
)
def test_no_chart_is_an_error(
    written: list[Code], age: int | None, sex: Sex | None, poa: str | None
) -> None:
    chart = ChartCodes(codes=tuple(ChartCode(code=c, poa=poa) for c in written), age=age, sex=sex)
    assert all(finding.level in Level for finding in check(chart, tables=shared_tables()))


def test_codes_of_icd_9_are_checked_too() -> None:
    levels = {f.rule: f.level for f in check(codes(icd9("E819.0")), tables=shared_tables())}
    assert levels == {"external cause as principal": Level.ERROR}
