"""Code tables: titles, status, hierarchy and categories, checked against the published lists."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import CodeTables, Status, shared_tables
from core.corpora import load
from core.errors import BadFile, UnknownCode
from core.types import Code, CodeSystem

SHARED = Path(__file__).resolve().parents[4] / "shared"


def code(system: str, written: str) -> Code:
    return Code(CodeSystem.parse(system), written)


@pytest.fixture(scope="module")
def tables() -> CodeTables:
    return shared_tables()


@pytest.mark.parametrize(
    ("system", "written", "title"),
    [
        ("icd10cm", "I10", "Essential (primary) hypertension"),
        ("icd10cm", "R50.9", "Fever, unspecified"),
        ("icd10cm", "B20", "Human immunodeficiency virus [HIV] disease"),
        ("icd10pcs", "BW03ZZZ", "Plain Radiography of Chest"),
        ("icd9cm", "401.9", "Unspecified essential hypertension"),
        ("icd9proc", "38.93", "Venous catheterization, not elsewhere classified"),
        ("ccs", "98", "Essential hypertension"),
        ("ccsr", "CIR007", "Essential hypertension"),
    ],
)
def test_a_code_has_its_title(tables: CodeTables, system: str, written: str, title: str) -> None:
    assert tables.title(code(system, written)) == title
    assert tables.status(code(system, written)) is Status.VALID


@pytest.mark.parametrize(
    ("system", "written", "status", "said"),
    [
        ("icd10cm", "R50", Status.HEADER, "Fever of other and unknown origin"),
        ("icd10cm", "S05.92X", Status.TRUNCATED, "Unspecified injury of left eye and orbit"),
        ("icd10pcs", "BW03", Status.TRUNCATED, "Plain Radiography of Chest"),
        ("icd10cm", "C84.7", Status.HEADER, "Anaplastic large cell lymphoma"),
        ("icd9cm", "401", Status.HEADER, "essential hypertension"),
    ],
)
def test_a_code_that_cannot_stand_alone_is_told_and_still_has_words(
    tables: CodeTables, system: str, written: str, status: Status, said: str
) -> None:
    assert tables.status(code(system, written)) is status
    assert said.lower() in (tables.title(code(system, written)) or "").lower()


def test_a_retired_code_is_reported_and_keeps_its_title(tables: CodeTables) -> None:
    retired = [
        Code(CodeSystem.ICD10CM, written)
        for written in ("T40.7X1A", "M54.5", "G93.3", "D75.82")
        if tables.status(Code(CodeSystem.ICD10CM, written)) is Status.RETIRED
    ]
    assert retired
    assert all("retired" in (tables.title(one) or "") for one in retired)


def test_a_code_in_no_table_is_unknown_and_has_no_title(tables: CodeTables) -> None:
    assert tables.status(code("icd10cm", "Z99.999")) is Status.UNKNOWN
    assert tables.title(code("icd10cm", "Z99.999")) is None
    assert tables.category(code("icd10cm", "Z99.999")) is None


@pytest.mark.parametrize(
    ("system", "written", "category"),
    [
        ("icd10cm", "I10", ("CCSR", "CIR007")),
        ("icd10cm", "R07.9", ("CCSR", "CIR012")),
        ("icd10cm", "R50", None),  # its codes lead to several categories
        ("icd10cm", "I25.1", ("CCSR", "CIR011")),  # a header whose codes agree
        ("icd9cm", "401.9", ("CCS", "98")),
        ("icd9cm", "E849.0", ("CCS", "2621")),
        ("icd10pcs", "BW03ZZZ", None),
    ],
)
def test_a_code_leads_to_its_category(
    tables: CodeTables, system: str, written: str, category: tuple[str, str] | None
) -> None:
    found = tables.category(code(system, written))
    assert found == (None if category is None else code(*category))


def test_every_ccsr_category_has_a_name_of_its_own(tables: CodeTables) -> None:
    names = Counter(
        tables.title(found)
        for one in tables.icd10cm.codes()
        if (found := tables.category(Code(CodeSystem.ICD10CM, one))) is not None
    )
    assert len(names) > 500
    assert None not in names


def test_the_tabular_list_tells_hierarchy_and_notes(tables: CodeTables) -> None:
    listed = tables.icd10cm
    assert listed.parent("I11.0") == "I11"
    assert listed.parent("I11") is None
    assert "I11.9" in listed.children("I11")
    assert "high blood pressure" in listed.notes("I10", "includes")
    assert any("O10-O11" in note for note in listed.notes("I10", "excludes1"))
    assert listed.notes("Z99.999", "excludes1") == []


def test_a_procedure_is_listed_under_its_section(tables: CodeTables) -> None:
    assert tables.group(code("icd10pcs", "BW03ZZZ")) == (None, "Imaging")
    assert tables.group(code("icd10cm", "I10")) == (
        code("ccsr", "CIR007"),
        "Essential hypertension",
    )


@pytest.mark.parametrize(
    ("system", "raw", "written"),
    [
        ("icd10cm", " r50.9 ", "R50.9"),
        ("icd10cm", "r509", "R50.9"),
        ("icd10cm", "i10", "I10"),
        ("icd10cm", "qa00101", "QA0.0101"),
        ("icd10pcs", "bw03zzz", "BW03ZZZ"),
        ("icd9cm", "4019", "401.9"),
        ("icd9cm", "e8490", "E849.0"),
        ("icd9cm", "v3000", "V30.00"),
        ("icd9proc", "3893", "38.93"),
        ("ccs", "98", "98"),
    ],
)
def test_a_code_is_read_however_it_is_written(
    tables: CodeTables, system: str, raw: str, written: str
) -> None:
    assert tables.normalise(CodeSystem.parse(system), raw) == code(system, written)


@given(st.sampled_from(CodeSystem), st.text("ABEV0123456789. zx", max_size=9))
def test_reading_a_code_twice_changes_nothing(system: CodeSystem, raw: str) -> None:
    tables = CodeTables()
    try:
        once = tables.normalise(system, raw)
    except UnknownCode:
        return
    assert tables.normalise(system, once.code) == once


@pytest.mark.parametrize("raw", ["", "high", "I10; DROP", "R5O.9!", "..", "I" * 400])
def test_what_can_be_no_code_is_refused(tables: CodeTables, raw: str) -> None:
    with pytest.raises(UnknownCode, match="is not written like a code of ICD-10-CM"):
        tables.normalise(CodeSystem.ICD10CM, raw)


def test_hcup_procedure_categories_can_be_supplied(tmp_path: Path) -> None:
    path = tmp_path / "$prref 2015.csv"
    path.write_text(
        "Procedure file, revised\n'ICD-9-CM CODE','CCS CATEGORY','CCS CATEGORY DESCRIPTION'\n"
        "'3893','54 ','Other vascular catheterization; not heart'\n"
    )
    tables = CodeTables(procedures_ccs=path)
    category = tables.category(code("icd9proc", "38.93"))
    assert category == code("CCS-PROC", "54")
    assert tables.title(category) == "Other vascular catheterization; not heart"


def test_a_file_that_is_no_hcup_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prref.csv"
    path.write_text("code;category\n1;2\n")
    with pytest.raises(BadFile, match="not an HCUP single-level file"):
        CodeTables(procedures_ccs=path).category(code("icd9proc", "38.93"))


def test_hcups_multi_level_file_is_not_taken_for_the_single_level_one(tmp_path: Path) -> None:
    path = tmp_path / "ccs_multi_pr_tool_2014.csv"
    path.write_text("'ICD-9-CM CODE','CCS LVL 1','CCS LVL 1 LABEL'\n'0121','1','Nervous system'\n")
    with pytest.raises(BadFile, match="multi-level file; give the single-level one"):
        CodeTables(procedures_ccs=path).category(code("icd9proc", "01.21"))


@pytest.mark.skipif(not (SHARED / "data/codiesp").exists(), reason="../shared is not at hand")
def test_hardly_any_code_of_codiesp_is_without_words(tables: CodeTables) -> None:
    notes = [
        n
        for split in ("train", "dev")
        for n in load("codiesp", SHARED / "data/codiesp", split=split).notes
    ]
    codes = {one for note in notes for one in note.codes}
    statuses = Counter(tables.status(one) for one in codes)
    assert statuses[Status.UNKNOWN] <= 12
    assert statuses[Status.TRUNCATED] > 400
    assert all(tables.title(one) for one in codes if tables.status(one) is not Status.UNKNOWN)


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("MBD001", "Schizophrenia and other psychotic disorders"),
        ("MBD017", "Alcohol related disorders"),
        ("INJ007", "Joint disorders and dislocations; trauma-related, initial encounter"),
        ("INJ044", "Joint disorders and dislocations; trauma-related, subsequent encounter"),
        ("END009", "Overweight and obesity"),
    ],
)
def test_a_ccsr_category_is_named_after_what_it_holds(
    tables: CodeTables, category: str, said: str
) -> None:
    assert (tables.title(code("ccsr", category)) or "").startswith(said)


def test_no_two_ccsr_categories_share_a_name(tables: CodeTables) -> None:
    categories = {
        found
        for one in tables.icd10cm.codes()
        if (found := tables.category(Code(CodeSystem.ICD10CM, one))) is not None
    }
    assert len({tables.title(category) for category in categories}) == len(categories)


def test_a_name_that_leaves_out_many_codes_says_so(tables: CodeTables) -> None:
    # psychoses caused by alcohol and drugs are in MBD001 too
    assert (tables.title(code("ccsr", "MBD001")) or "").endswith("and others")


@pytest.mark.parametrize("written", ["T81.4XX", "V29.9XX", "S30.1XX"])
def test_a_truncated_code_of_an_earlier_year_is_told_and_still_has_words(
    tables: CodeTables, written: str
) -> None:
    assert tables.status(code("icd10cm", written)) is Status.TRUNCATED
    assert tables.title(code("icd10cm", written))


def test_titles_do_not_wait_for_the_search_index(tables: CodeTables) -> None:
    tables.title(code("icd10cm", "I10"))
    with tables._search_lock, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tables.title, code("icd10cm", "I10"))
        assert asked.result(timeout=5) == "Essential (primary) hypertension"
