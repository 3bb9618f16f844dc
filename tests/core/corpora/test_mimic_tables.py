"""MIMIC's tables are streamed whole: nothing is lost in silence, and every fault is named."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.corpora.mimic.codes import CodeTable, read_codes, read_titles, spelt
from core.corpora.mimic.tables import Log, find, readable, rows, whole_number
from core.errors import BadFile
from core.types import Code, CodeSystem
from tests.builders import clinical_text
from tests.mimic import CODED, NOTEEVENTS, summary, write_table

ICD9, PROC = CodeSystem.ICD9CM, CodeSystem.ICD9PROC
LINE_ENDS = ("\n", "\r\n")
TWO = ("hadm_id", "text")


def read(path: Path, log: Log | None = None) -> list[tuple[int, tuple[str, ...]]]:
    return list(rows(path, TWO, log or Log()))


def procedures(tmp_path: Path, *cells: object) -> CodeTable:
    path = write_table(tmp_path / "P.csv", CODED, [(1, 1, 7, 1, cell) for cell in cells])
    return CodeTable(path=path, system=PROC, column="icd9_code")


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_quoted_line_breaks_and_doubled_quotes_are_read_as_they_were_written(
    tmp_path: Path, ending: str, line_end: str
) -> None:
    text = 'Said "no pain",\nthen\r\nfever; 𝛼\u2028é\n\n'
    path = write_table(
        tmp_path / f"N{ending}", NOTEEVENTS, [summary(1, 1, 7, text)], line_end=line_end
    )
    log = Log()

    assert read(path, log) == [(2, ("7", text))]
    assert (log.rows[path.name], log.malformed) == (1, [])


@given(texts=st.lists(clinical_text(), min_size=1, max_size=4), line_end=st.sampled_from(LINE_ENDS))
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], line_end: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    notes = [summary(row, 1, row, text) for row, text in enumerate(texts)]
    path = write_table(folder / "N.csv", NOTEEVENTS, notes, line_end=line_end)
    assert [readable(text) for _, (_, text) in read(path)] == texts


def test_rows_with_too_few_or_too_many_fields_are_named_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    path = tmp_path / "n.csv"
    path.write_text('HADM_ID,TEXT\n1,"a\nb"\n2\n3,c,d\n\n4,e\n')
    log = Log()

    assert read(path, log) == [(2, ("1", "a\nb")), (5, ("4", "e"))]
    assert log.malformed == [
        "n.csv, row 3: line 4 ends a row of 1 fields where the header has 2",
        "n.csv, row 4: line 5 ends a row of 3 fields where the header has 2",
    ]
    assert log.dropped["n.csv", "wrong number of fields"] == 2
    assert log.rows["n.csv"] == 4


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("HADM_ID,BODY", r"n.csv, row 1: no column TEXT; the header has hadm_id, body"),
        ("HADM_ID;TEXT", r"n.csv, row 1: its columns \(HADM_ID ..\) are parted by semicolons"),
        ("HADM_ID\tTEXT", r"n.csv, row 1: .* parted by tabs; save it as CSV with commas"),
        ("", r"no column HADM_ID and no TEXT; the header has …?"),
    ],
)
def test_a_missing_column_or_a_wrong_delimiter_names_file_column_and_row(
    tmp_path: Path, header: str, reason: str
) -> None:
    (tmp_path / "n.csv").write_text(f"{header}\n1,a\n")
    with pytest.raises(BadFile, match=reason):
        read(tmp_path / "n.csv")


def test_a_file_without_a_header_is_refused_without_a_word_of_its_notes(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text('1,"Patient Smith has fever"\n')
    with pytest.raises(BadFile) as raised:
        read(tmp_path / "n.csv")
    assert "Smith" not in str(raised.value)
    assert "smith" not in str(raised.value)


@pytest.mark.parametrize("text", ['1,"a"b\n2,c\n', '1,"a\n2,c\n'])
def test_broken_quotation_stops_with_file_and_row(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.csv").write_text(f"HADM_ID,TEXT\n0,x\n{text}")
    with pytest.raises(BadFile, match=r"n.csv, row 3 \(line \d\): broken quotation"):
        read(tmp_path / "n.csv")


def test_a_cut_or_damaged_gz_stops_with_the_row_it_came_to(tmp_path: Path) -> None:
    whole = gzip.compress(b"HADM_ID,TEXT\n" + b"1,fever\n" * 50_000)
    for name, data in (("cut", whole[: len(whole) // 2]), ("not", b"HADM_ID,TEXT\n1,a\n")):
        path = tmp_path / f"{name}.csv.gz"
        path.write_bytes(data)
        with pytest.raises(BadFile, match=rf"{name}.csv.gz, after row [\d,]+: the .gz is cut"):
            read(path)


def test_bytes_that_are_not_utf_8_become_latin_1_letters(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_bytes(b"HADM_ID,TEXT\n1,M\xe9ni\xc3\xa8re\n")
    ((_, (_, text)),) = read(tmp_path / "n.csv")
    assert readable(text) == "Ménière"


def test_tables_are_found_in_any_case_and_either_form(tmp_path: Path) -> None:
    (tmp_path / "NoteEvents.CSV.GZ").write_bytes(b"")
    assert find("noteevents", [tmp_path / "none", tmp_path]).name == "NoteEvents.CSV.GZ"
    with pytest.raises(BadFile, match=r"no DIAGNOSES_ICD.csv or .csv.gz in"):
        find("diagnoses_icd", [tmp_path])


@pytest.mark.parametrize(
    ("cell", "number"),
    [("145834", 145834), ("145834.0", 145834), (" 7 ", 7), ("", None), ("a7", None), ("1.5", None)],
)
def test_identifiers_are_whole_numbers_even_where_a_tool_wrote_floats(
    cell: str, number: int | None
) -> None:
    assert whole_number(cell) == number


def test_codes_get_their_dots_and_every_row_that_gives_none_is_counted(tmp_path: Path) -> None:
    cells = [
        (7, "4019"),
        (7, "E8788"),
        (7, "V5861"),
        (8, "0389"),
        (7, "4019"),
        (7, ""),
        ("", "486"),
    ]
    cells += [("x", "486"), (8, "NOT A CODE AT ALL"), (9, "25000 ")]
    table = [(i, 1, hadm, 1, code) for i, (hadm, code) in enumerate(cells)]
    path = write_table(tmp_path / "D.csv", CODED, table)
    log = Log()

    coded, _, _ = read_codes(CodeTable(path=path, system=ICD9, column="icd9_code"), log)

    assert {a: [c.code for c in codes] for a, codes in coded.items()} == {
        7: ["401.9", "E878.8", "V58.61"],
        8: ["038.9"],
        9: ["250.00"],
    }
    assert {why: n for (_, why), n in log.dropped.items() if n} == {
        "no code": 1,
        "no HADM_ID": 1,
        "HADM_ID is not a number": 1,
        "not written like a code": 1,
        "code stands twice for an admission": 1,
    }
    assert log.malformed == [
        "D.csv, row 9: HADM_ID is not a number",
        "D.csv, row 10: a value of 17 characters is not written like a code of ICD-9-CM",
    ]
    assert log.rows["D.csv"] == sum(map(len, coded.values())) + sum(log.dropped.values())


def test_procedure_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    coded, written, _ = read_codes(procedures(tmp_path, "0331", "331", "3893", "66"), Log())
    assert [code.code for code in coded[7]] == ["03.31", "33.1", "38.93", "66"]
    assert (written.restored, written.ambiguous) == ((), ())


def test_leading_zeros_lost_in_a_whole_column_come_back_where_only_they_make_a_code(
    tmp_path: Path,
) -> None:
    """331 may be 33.1 or 03.31, and 66 06.6 or 00.66: both stay as they are, and are named."""
    coded, written, _ = read_codes(procedures(tmp_path, 131, 331, 3893, 9, 66), Log())

    assert [code.code for code in coded[7]] == ["01.31", "33.1", "38.93", "00.09", "66"]
    assert written.restored == ("131", "9")
    assert written.ambiguous == ("331", "66")


def test_diagnoses_that_lost_their_zeros_get_them_back_and_others_are_left_alone() -> None:
    assert spelt(["389", "4019"], ICD9).codes["389"] == Code(ICD9, "038.9")
    assert spelt(["389", "0389"], ICD9).codes["389"] == Code(ICD9, "389")
    assert spelt(["I10"], CodeSystem.ICD10CM).codes["I10"] == Code(CodeSystem.ICD10CM, "I10")


def test_titles_are_read_for_the_version_asked_for(tmp_path: Path) -> None:
    columns = "icd_code,icd_version,long_title"
    path = write_table(tmp_path / "d.csv", columns, [("I10", 10, "Ten"), ("4019", 9, "Nine")])
    for version, system, title in (("10", CodeSystem.ICD10CM, "Ten"), ("9", ICD9, "Nine")):
        table = CodeTable(path=path, system=system, version=version)
        assert list(read_titles(table, Log()).values()) == [title]
