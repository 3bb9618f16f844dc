"""The tabular list's notes on a code, and the codes around it, read by hand in the list."""

import pytest

from core.codes import CodeTables, Instruction, Kind, Status, cited, shared_tables
from core.types import Code, CodeSystem


@pytest.fixture(scope="module")
def tables() -> CodeTables:
    return shared_tables()


def icd10(written: str) -> Code:
    return Code(CodeSystem.ICD10CM, written)


def at(notes: tuple[Instruction, ...], kind: Kind) -> dict[str, list[str]]:
    """Heading -> the texts of one kind of note there."""
    found: dict[str, list[str]] = {}
    for note in notes:
        if note.kind is kind:
            found.setdefault(note.heading, []).append(note.text)
    return found


def test_a_code_inherits_the_notes_of_its_category_and_chapter(tables: CodeTables) -> None:
    excluded = at(tables.instructions(icd10("E11.65")), Kind.EXCLUDES1)
    assert list(excluded) == ["E11", "4"]
    assert "type 1 diabetes mellitus (E10.-)" in excluded["E11"]
    also = at(tables.instructions(icd10("E11.65")), Kind.USE_ADDITIONAL_CODE)
    assert "insulin (Z79.4)" in also["E11"]


def test_every_kind_of_note_is_read(tables: CodeTables) -> None:
    pneumonia = tables.instructions(icd10("J18.9"))
    assert "lipid pneumonia (J69.1)" in at(pneumonia, Kind.EXCLUDES2)["J18"]
    assert "J10.0-" in " ".join(at(pneumonia, Kind.CODE_FIRST)["J18"])
    assert "aspiration pneumonia (J69.-)" in at(pneumonia, Kind.CODE_ALSO)["J18"]
    assert "high blood pressure" in at(tables.instructions(icd10("I10")), Kind.INCLUDES)["I10"]


def test_an_inclusion_term_is_of_its_own_code_alone(tables: CodeTables) -> None:
    own = at(tables.instructions(icd10("R50.9")), Kind.INCLUSION_TERM)
    assert list(own) == ["R50.9"]
    for note in tables.instructions(icd10("S72.001A")):
        assert note.kind is not Kind.INCLUSION_TERM


def test_a_retired_or_truncated_code_has_the_notes_of_its_nearest_heading(
    tables: CodeTables,
) -> None:
    cut = tables.instructions(icd10("S05.92X"))
    assert cut
    assert all(not note.own for note in cut)
    assert {note.heading for note in cut} == {
        note.heading for note in tables.instructions(icd10("S05.92XA"))
    }


@pytest.mark.parametrize("system", ["ICD-9-CM", "ICD-10-PCS", "ICD-9-PROC", "CCSR"])
def test_other_systems_come_without_notes_and_none_are_made_up(
    tables: CodeTables, system: str
) -> None:
    assert tables.instructions(Code(CodeSystem.parse(system), "250.00")) == ()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("type 1 diabetes mellitus (E10.-)", ["E10", "E10.65"], ["E11.9"]),
        ("hypertension in pregnancy (O10-O11, O13-O16)", ["O10.01", "O16.9"], ["O12.0"]),
        ("diabetes mellitus (E08-E13 with .21)", ["E11.21", "E13.21"], ["E11.22", "E14.21"]),
        ("ataxia (I69. with final characters -93)", ["I69.393"], ["I69.391"]),
        ("collision (V01-V09 with 5th character 9)", ["V03.099A"], ["V03.101A"]),
        ("gangrene (I70.2--I70.7-)", ["I70.261", "I70.761"], ["I70.8"]),
        ("adverse effects (A00-R94 and T80-T88.6, T88.8)", ["T88.6", "J18.9"], ["T88.7"]),
        ("leukemia (C91.0-C95.9 with something new)", [], ["C91.00"]),
        ("fully removed Z87.821", [], ["Z87.821"]),
    ],
)
def test_the_codes_a_note_names_are_understood_or_left_alone(
    text: str, inside: list[str], outside: list[str]
) -> None:
    ranges = list(cited(text))
    assert [code for code in inside if not any(each.holds(code) for each in ranges)] == []
    assert [code for code in outside if any(each.holds(code) for each in ranges)] == []


def test_a_heading_has_more_specific_children_and_a_code_its_siblings(tables: CodeTables) -> None:
    heading = tables.relatives(icd10("J18"))
    assert [code.code for code in heading.children] == ["J18.0", "J18.1", "J18.2", "J18.8", "J18.9"]
    code = tables.relatives(icd10("J18.9"))
    assert code.heading == icd10("J18")
    assert [sibling.code for sibling in code.siblings] == ["J18.0", "J18.1", "J18.2", "J18.8"]


def test_the_other_side_is_nearer_than_a_later_encounter(tables: CodeTables) -> None:
    siblings = [code.code for code in tables.relatives(icd10("S05.92XA")).siblings]
    assert siblings == ["S05.90XA", "S05.91XA", "S05.92XD", "S05.92XS"]


@pytest.mark.parametrize(
    ("system", "code", "heading", "sibling"),
    [
        ("ICD-9-CM", "250.00", "250.0", "250.01"),
        ("ICD-9-CM", "E819.0", "E819", "E819.1"),
        ("ICD-9-PROC", "38.93", "38.9", "38.95"),
        ("ICD-10-PCS", "BW03ZZZ", "BW0", "BW0M"),
    ],
)
def test_a_list_without_headings_has_the_beginnings_of_its_codes(
    tables: CodeTables, system: str, code: str, heading: str, sibling: str
) -> None:
    parsed = CodeSystem.parse(system)
    around = tables.relatives(Code(parsed, code))
    assert around.heading == Code(parsed, heading)
    assert Code(parsed, sibling) in around.siblings


def test_going_down_from_any_heading_ends_at_codes_that_may_be_reported(
    tables: CodeTables,
) -> None:
    for written in tables.icd10cm.codes()[::97]:
        around = tables.relatives(icd10(written))
        may_be_reported = tables.status(icd10(written)) is Status.VALID
        assert may_be_reported == (not around.children)
        assert icd10(written) not in around.siblings
