"""Uploads to notes: what is accepted, exactly as it is; what is refused, with what reason."""

import codecs
import contextlib
import csv
import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFile, BadInput, BadNote
from core.notes import ENDINGS, Limits, read_notes, sha256_of
from tests.builders import clinical_text

WORDS = "Paciente con neumonía y fiebre"
HEADER = "id,text\r\n"


def in_csv(*rows: tuple[str, str], delimiter: str = ",", header: tuple[str, str] = ("id", "text")):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return file.getvalue().encode()


@given(clinical_text())
@settings(max_examples=200, deadline=None)
def test_the_text_of_a_txt_is_kept_exactly(text):
    (note,) = read_notes("a.txt", text.encode()).notes

    assert note.text == text.removeprefix("\ufeff")


@given(st.lists(clinical_text(), min_size=1, max_size=5), st.sampled_from(",;"))
@settings(max_examples=100, deadline=None)
def test_the_texts_of_a_csv_are_kept_exactly(texts, delimiter):
    rows = [(f"n{number}", text) for number, text in enumerate(texts)]

    reading = read_notes("a.csv", in_csv(*rows, delimiter=delimiter))

    assert [(note.id, note.text) for note in reading.notes] == rows
    assert reading.problems == ()


@given(st.binary(max_size=300), st.sampled_from([f"a.{ending}" for ending in ENDINGS]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_notes_or_a_refusal_on_purpose(data, name):
    with contextlib.suppress(BadInput):
        reading = read_notes(name, data)
        assert reading.notes or reading.problems


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_unicode_encodings_are_read_without_a_word(mark, encoding):
    reading = read_notes("a.txt", mark + WORDS.encode(encoding))

    assert reading.notes[0].text == WORDS
    assert reading.problems == ()


def test_western_text_is_read_as_windows_1252_and_the_caller_is_told():
    for text in (f"{WORDS} – 38 °C", "the patient’s “fever”", "neumonía"):
        reading = read_notes("a.txt", text.encode("cp1252"))

        assert reading.notes[0].text == text
        assert "Windows-1252" in reading.problems[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "no text"),
        (b"\xef\xbb\xbf", "no text"),
        (b"12 / 34 !", "not a single letter"),
        (b"\x89PNG\r\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\0" * 128 + b"DICM", "DICOM"),
        (b"words\0words", "NUL"),
        (WORDS.encode("utf-16-le"), "NUL"),
        (codecs.BOM_UTF16_LE + b"a", "UTF-16-LE"),
        (codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"), "UTF-32"),
        (codecs.BOM_UTF8 + b"a\xff", "byte 4"),
        ("пациент с пневмонией".encode("cp1251"), "encoding cannot be told"),
        ("neumonía y fiebre".encode() + b" \xf3", "encoding cannot be told"),
        (b"words \x01\x02\x03\x04", "control characters"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data, reason):
    with pytest.raises(BadNote, match=reason):
        read_notes("a.txt", data)


@pytest.mark.parametrize(("name", "megabytes"), [("a.txt", 10), ("a.csv", 30)])
def test_a_file_over_the_limit_is_refused_with_its_size(name, megabytes):
    with pytest.raises(BadNote, match=f"{megabytes}.0 MB is more than"):
        read_notes(name, b"a" * (megabytes * 1_000_000))


def test_a_note_with_too_many_characters_is_refused_not_cut():
    limits = Limits(characters=10)

    assert read_notes("a.txt", b"x" * 10, limits=limits).notes
    with pytest.raises(BadNote, match="11 characters are more than the 10"):
        read_notes("a.txt", b"x" * 11, limits=limits)


def test_a_field_longer_than_pythons_own_limit_is_read():
    text = "x" * 150_000

    assert read_notes("a.csv", in_csv(("1", text))).notes[0].text == text


@pytest.mark.parametrize("name", ["a", "", "notes.csv.gz", "a.exe"])
def test_a_text_with_another_ending_is_refused_with_those_that_are_read(name):
    with pytest.raises(BadFile, match=r"none of the endings that are read: \.txt \.pdf"):
        read_notes(name, b"words")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("letter 7.TXT", "letter 7"),
        ("../../etc/passwd.txt", "passwd"),
        ("C:\\notes\\a.b.txt", "a.b"),
        ("a\x00\x1b[31m\n\u202egnp.txt", "a[31m gnp"),
        (".txt", "note"),
        ("..\\.txt", "note"),
        ("x" * 5000 + ".txt", "x" * 120),
        ("neumonía.txt", "neumonía"),
    ],
)
def test_a_note_is_named_after_its_file_whatever_the_name(name, expected):
    assert read_notes(name, b"words").notes[0].id == expected


def test_a_header_may_have_any_case_a_mark_and_other_columns():
    data = codecs.BOM_UTF8 + b"When;TEXT; Id \r\n2024;fever;7\r\n"

    (note,) = read_notes("a.CSV", data).notes

    assert (note.id, note.text) == ("7", "fever")


def test_a_bad_row_is_named_and_the_rest_goes_on():
    data = in_csv(("1", "fever"), ("", WORDS), ("3", "  "), ("4", "1 2"), ("5", "pain"))
    data += b"6,a,b\r\n7\r\n\r\n8,cough\r\n"

    reading = read_notes("a.csv", data)

    assert [note.id for note in reading.notes] == ["1", "5", "8"]
    reasons = [
        "row 3: the id",
        "row 4: note '3'",
        "row 5: note '4'",
        "row 7: 3 col",
        "row 8: 1 col",
    ]
    assert len(reading.problems) == len(reasons)
    for problem, reason in zip(reading.problems, reasons, strict=True):
        assert problem.startswith(reason)


def test_a_repeated_id_is_reported_and_the_first_kept():
    reading = read_notes("a.csv", in_csv(("1", "fever"), ("1", "pain"), ("1", "fever")))

    assert [note.text for note in reading.notes] == ["fever"]
    assert "row 3: id '1' stands in row 2 already, with another text" in reading.problems[0]
    assert "row 4: id '1' stands in row 2 already, with the same text" in reading.problems[1]


@pytest.mark.parametrize("broken", [b'2,"never closed\r\n3,pain\r\n', b'2,"half" closed\r\n3,pain'])
def test_nothing_is_guessed_after_a_broken_quotation_mark(broken):
    reading = read_notes("a.csv", HEADER.encode() + b"1,fever\r\n" + broken)

    assert [note.id for note in reading.notes] == ["1"]
    assert reading.problems[0].startswith("row 3: a quotation mark in it is not closed")


def test_a_csv_with_too_many_notes_says_where_it_stopped():
    data = in_csv(("1", "fever"), ("2", "pain"), ("3", "cough"))

    reading = read_notes("a.csv", data, limits=Limits(notes=2))

    assert len(reading.notes) == 2
    assert reading.problems[0].startswith("row 4 and all after it were not read")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("name,note", "no column id and text: the first row has 'name', 'note'"),
        ("id,body", "no column text: the first row has 'id', 'body'"),
        ("id,text,Text", "'text' stands more than once"),
    ],
)
def test_a_csv_without_the_columns_is_refused_with_those_it_has(header, reason):
    with pytest.raises(BadFile, match=reason):
        read_notes("a.csv", f"{header}\r\n1,fever\r\n".encode())


def test_a_csv_without_rows_is_refused():
    with pytest.raises(BadFile, match="no row below it"):
        read_notes("a.csv", HEADER.encode())


@pytest.mark.parametrize(
    "data",
    [
        f"1,{WORDS}\r\n2,{WORDS}\r\n".encode(),
        f'1,"{WORDS} never closed'.encode(),
        in_csv(("", WORDS), ("1", WORDS), ("1", WORDS), ("2", WORDS * 9)),
    ],
)
def test_no_message_holds_text_of_a_note(data):
    try:
        messages = " ".join(read_notes("a.csv", data, limits=Limits(characters=100)).problems)
    except BadInput as error:
        messages = str(error)

    assert messages
    assert not any(word in messages.lower() for word in WORDS.lower().split() if len(word) > 3)


def test_the_hash_is_that_of_the_utf_8_text():
    assert sha256_of("fiebre ñ") == hashlib.sha256("fiebre ñ".encode()).hexdigest()
