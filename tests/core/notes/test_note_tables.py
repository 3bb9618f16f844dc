"""Tables of notes: TSV, Excel, Parquet and JSON lines, what stands beside the text, bad cells."""

import codecs
import json
from datetime import date

import pytest

from core.errors import BadFile, BadNote
from core.notes import Limits, Reading, read_notes
from core.notes.values import read_age, read_date, read_sex
from core.types import Encounter, Sex
from tests.uploads import TABLE, TEXT, delimited, excel, json_lines, parquet

FILES = {
    "csv": delimited(),
    "tsv": delimited("\t"),
    "xlsx": excel(),
    "parquet": parquet(),
    "jsonl": json_lines(),
}


@pytest.mark.parametrize("ending", FILES)
def test_every_kind_of_table_gives_the_same_notes(ending: str) -> None:
    reading = read_notes(f"a.{ending}", FILES[ending])
    assert [note.text for note in reading.notes] == [row[1] for row in TABLE[1:]]
    assert reading.notes[0].encounter == Encounter(
        external_id="n1",
        encounter_id="v1",
        age=71,
        sex=Sex.FEMALE,
        service_date=date(2025, 3, 4),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_of_text_may_be_in_the_usual_encodings(encoding: str) -> None:
    text = "id,text\r\n1,Neumonía\r\n"
    assert read_notes("a.csv", text.encode(encoding)).notes[0].text == "Neumonía"


def test_json_lines_with_a_mark_are_read() -> None:
    data = codecs.BOM_UTF8 + b'{"id": 7, "text": "fever"}\r\n\r\n{"id": 8.0, "text": "cough"}'
    assert [note.id for note in read_notes("a.jsonl", data).notes] == ["7", "8"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: it is not JSON"),
        ("[1]", "line 2: it is not an object"),
        ('{"id": 2}', "line 2: no column text: the object has 'id'"),
        ('{"id": 2, "text": 5}', "line 2: its 'text' is int, not text"),
        ('{"id": [2], "text": "a"}', "line 2: its 'id' is list, not text"),
        ('{"id": 2, "text": "\\ud83d a"}', "line 2: note '2': it holds half a character"),
        ('{"id": 2, "text": "a\\u0000b"}', "line 2: note '2': it holds NUL"),
        ('{"id": 2, "text": null}', "line 2: note '2': there is no text"),
        ("[" * 100_000, "line 2: its JSON is nested too deeply"),
    ],
)
def test_a_bad_line_of_json_is_named_and_the_rest_goes_on(line: str, reason: str) -> None:
    lines = ('{"id": 1, "text": "fever"}', line, '{"id": 3, "text": "cough"}')
    reading = read_notes("a.jsonl", "\n".join(lines).encode())
    assert [note.id for note in reading.notes] == ["1", "3"]
    assert reading.problems[0].startswith(reason)


def test_a_bad_cell_is_named_with_its_row_and_column_and_the_note_is_kept() -> None:
    rows = (
        ("id", "text", "age", "sex", "date", "dob"),
        ("1", "fever", "5 months", "F", "03/04/2025", ""),
        ("2", "cough", "300", "?", "2025-03-04", "1950-01-02"),
        ("3", "pain", "9", "U", "n/a", "null"),
    )
    reading = read_notes("a.csv", delimited(rows=rows))
    assert reading.problems == (
        "row 2 (and 1 more), column 'age': '5 months' is not an age in years up to 130; the note "
        "was read without it",
        "row 2, column 'date': '03/04/2025' is not a date like 2025-03-04; the note was read "
        "without it",
        "row 3, column 'sex': '?' is not female, male or other; the note was read without it",
    )
    assert [note.encounter.age for note in reading.notes] == [None, 75, 9]


def test_a_long_value_beside_the_text_is_not_repeated_in_the_message() -> None:
    reading = read_notes("a.csv", delimited(rows=(("id", "text", "age"), ("1", "x", TEXT))))
    assert "a value of 60 characters is not an age" in reading.problems[0]
    assert "Canary" not in reading.problems[0]


@pytest.mark.parametrize(("other", "sex"), [("F", Sex.MALE), ("H", Sex.FEMALE), ("V", Sex.FEMALE)])
def test_m_is_male_unless_the_column_is_written_in_spanish(other: str, sex: Sex) -> None:
    rows = (("id", "texto", "sexo"), ("1", "tos", "M"), ("2", "fiebre", other))
    assert read_notes("a.csv", delimited(rows=rows)).notes[0].encounter.sex is sex


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-03-04", date(2025, 3, 4)),
        ("2025-03-04T10:15:00Z", date(2025, 3, 4)),
        ("20250304", date(2025, 3, 4)),
        ("20250304101500.123-0500", date(2025, 3, 4)),
        ("2180-03-04 00:00:00", date(2180, 3, 4)),
        *((other, None) for other in ("2025-13-04", "2025", "202503", "4 March", "2025-0304", "")),
    ],
)
def test_a_date_is_read_when_it_is_certain(written: str, day: date | None) -> None:
    assert read_date(written) == day


def test_ages_and_sexes_are_read_when_they_are_certain() -> None:
    assert [read_age(age) for age in ("71", "71.5", "71 years", "8 años", "131", "3m")] == [
        *(71, 71, 71, 8),
        *(None, None),
    ]
    assert [read_sex(sex) for sex in ("F", "male", "Mujer", "other", "unknown")] == [
        *(Sex.FEMALE, Sex.MALE, Sex.FEMALE, Sex.OTHER),
        None,
    ]


def test_the_sheet_with_the_columns_is_found_behind_others() -> None:
    reading = read_notes("a.xlsx", excel(before=["About", "this file"]))
    assert [note.id for note in reading.notes] == ["n1", "n2"]


def test_a_workbook_without_the_columns_is_refused_with_those_it_has() -> None:
    with pytest.raises(BadFile, match="no column id and text: the first row has 'name', 'words'"):
        read_notes("a.xlsx", excel([("name", "words"), ("1", "fever")]))


def test_rows_of_a_workbook_are_numbered_as_excel_does() -> None:
    rows = [
        ("id", "text"),
        (1, "fever"),
        (None, None),
        (2, None),
        (1, "again"),
        (3.0, "x" * 32_767),
    ]
    reading = read_notes("a.xlsx", excel(rows))
    assert [note.id for note in reading.notes] == ["1"]
    starts = (
        "row 4: note '2': there is no text",
        "row 5: id '1' stands in row 2",
        "row 6: its text",
    )
    assert all(p.startswith(s) for p, s in zip(reading.problems, starts, strict=True))


def test_a_formula_is_not_computed_and_text_that_looks_like_one_is_text() -> None:
    rows = [("id", "text"), ("1", "fever _x000D_\nand cough"), ("2", "=1+1")]
    reading = read_notes("a.xlsx", excel(rows))
    assert reading.notes[0].text == "fever \r\nand cough"
    assert reading.problems[0].startswith("row 3: note '2': there is no text")


def test_a_parquet_column_that_is_no_text_is_refused() -> None:
    for column in ([["a"], ["b"]], [b"a", b"b"]):
        with pytest.raises(BadFile, match="column 'text' holds"):
            read_notes("a.parquet", parquet({"id": ["1", "2"], "text": column}))


def test_parquet_may_hold_numbers_dates_and_nothing() -> None:
    columns = {
        "id": [1, 2],
        "text": ["fever", None],
        "date": [date(2025, 3, 4), None],
        "age": [7.0, None],
    }
    reading = read_notes("a.parquet", parquet(columns))
    facts = reading.notes[0].encounter
    assert (facts.external_id, facts.service_date, facts.age) == ("1", date(2025, 3, 4), 7)
    assert reading.problems[0].startswith("row 2: note '2': there is no text")


def _limited(ending: str, **limits: int) -> Reading:
    return read_notes(f"a.{ending}", FILES[ending], limits=Limits(**limits))


@pytest.mark.parametrize("ending", FILES)
def test_limits_hold_for_every_kind_of_table(ending: str) -> None:
    for limits in ({"notes": 1}, {"all_characters": 10}):
        reading = _limited(ending, **limits)
        assert len(reading.notes) == 1
        assert "and all after it were not read" in reading.problems[0]
    assert "more than the 20" in _limited(ending, characters=20).problems[0]


@pytest.mark.parametrize("ending", FILES)
def test_too_many_columns_are_refused(ending: str) -> None:
    try:
        said = _limited(ending, columns=3).problems[0]
    except BadFile as error:
        said = str(error)
    assert "are more than" in said


def test_a_table_of_a_thousand_bad_rows_says_fifty_and_counts_the_rest() -> None:
    data = "".join(f'{{"id": {number}}}\n' for number in range(1_000)).encode()
    reading = read_notes("a.jsonl", data)
    assert len(reading.problems) == 51
    assert reading.problems[-1] == "and 950 more problems"


def test_an_empty_table_is_refused() -> None:
    for name, data in (("a.jsonl", b" \n"), ("a.tsv", b" ")):
        with pytest.raises(BadNote, match="no text in it"):
            read_notes(name, data)
    with pytest.raises(BadFile, match="no row below it"):
        read_notes("a.xlsx", excel([("id", "text")]))
    assert json.dumps(read_notes("a.csv", b"id,text\n,x").problems)
