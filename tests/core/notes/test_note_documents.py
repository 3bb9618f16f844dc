"""PDF, Word, RTF and HTML: what text comes out, what is said of the rest, what is refused."""

import json

import pytest

from core.errors import BadFile, BadInput, BadNote
from core.notes import Format, Limits, read_notes
from core.notes.html import html_text
from tests.uploads import (
    TEXT,
    document_reference,
    members,
    one_of_each,
    pdf,
    pdf_of,
    rich_text,
    word,
)

EACH = one_of_each()
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.mark.parametrize("ending", EACH)
def test_a_file_of_each_format_is_read_without_a_problem(ending: str) -> None:
    reading = read_notes(f"a.{ending}", EACH[ending])
    assert reading.format.value == ending
    assert reading.problems == ()
    assert "ever" in reading.notes[0].text


@pytest.mark.parametrize("ending", ["pdf", "docx", "rtf", "xlsx", "parquet", "fhir", "hl7"])
def test_content_counts_for_more_than_a_wrong_name_and_that_is_said(ending: str) -> None:
    reading = read_notes("a.csv", EACH[ending])
    assert reading.format.value == ending
    assert reading.problems[0] == f"named .csv, read as {ending} by its content"


def test_a_message_in_a_text_file_and_lines_of_json_are_no_surprise() -> None:
    for name, ending in (("a.txt", "hl7"), ("a.txt", "fhir"), ("a.json", "jsonl")):
        assert read_notes(name, EACH[ending]).problems == ()
    assert read_notes("a.txt", EACH["pdf"]).problems == ("named .txt, read as pdf by its content",)


def test_a_plain_text_named_otherwise_is_not_taken_for_what_it_is_not() -> None:
    for ending in ("pdf", "docx", "rtf", "xlsx", "parquet"):
        with pytest.raises(BadFile, match=f"named .{ending} but does not start like one"):
            read_notes(f"a.{ending}", TEXT.encode())


def test_a_text_that_starts_with_a_brace_stays_a_text() -> None:
    assert read_notes("a.txt", b"{fever} and cough").format is Format.TXT


def test_the_pages_of_a_pdf_follow_one_another() -> None:
    (note,) = read_notes("letter.pdf", pdf("Neumonía", "Tos")).notes
    assert (note.id, note.text) == ("letter", "Neumonía\n\nTos")


def test_pages_without_text_are_named() -> None:
    reading = read_notes("a.pdf", pdf("Fever", "", "Cough", ""))
    assert reading.problems == ("no text on page 2, 4: pictures are not read",)


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadNote, match=r"no text on any page \(of 2\).*\(OCR\)"):
        read_notes("a.pdf", pdf("", ""))


def test_a_form_is_read_with_a_warning() -> None:
    reading = read_notes("a.pdf", pdf("Fever", extra=b"/AcroForm<</Fields[]>>"))
    assert "filled into its fields" in reading.problems[0]


def test_an_encrypted_pdf_is_refused() -> None:
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter

    writer, file = PdfWriter(clone_from=PdfReader(BytesIO(pdf("Fever")))), BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(file)
    with pytest.raises(BadFile, match="print it to a new PDF"):
        read_notes("a.pdf", file.getvalue())


def test_a_pdf_with_too_many_pages_or_words_is_refused() -> None:
    with pytest.raises(BadFile, match="3 pages are more than the 2"):
        read_notes("a.pdf", pdf("a", "b", "c"), limits=Limits(pages=2))
    with pytest.raises(BadNote, match="first 2 of 3 pages hold more than the 6"):
        read_notes("a.pdf", pdf("Fever", "Cough", "Pain"), limits=Limits(characters=6))


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 words",
        EACH["pdf"][:200],
        pdf_of([b"<</Type/Catalog/Pages 1 0 R>>"]),
        pdf("x").replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"),
    ],
    ids=["words", "half", "no-pages", "loop"],
)
def test_a_damaged_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(BadFile, match="damaged"):
        read_notes("a.pdf", data)


def test_word_paragraphs_and_tables_stand_in_their_order() -> None:
    data = word("Neumonía 😀", "Tos", rows=[["Drug", "Dose"], ["Ibuprofen", "400\nmg"]])
    (note,) = read_notes("a.docx", data).notes
    assert note.text == "Neumonía 😀\nTos\nDrug\tDose\nIbuprofen\t400 mg"


def _in_word(body: str) -> bytes:
    xml = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return members(word("x"), word__document__xml=b"", **{"word__document.xml": xml.encode()})


def test_what_was_inserted_is_read_and_what_was_deleted_is_not() -> None:
    data = _in_word(
        "<w:p><w:r><w:t>no </w:t></w:r><w:del><w:r><w:delText>fever</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>cough</w:t></w:r></w:ins><w:r><w:tab/><w:t>x</w:t><w:br/></w:r></w:p>"
    )
    assert read_notes("a.docx", data).notes[0].text == "no cough\tx"


def test_a_header_that_is_not_read_is_named() -> None:
    assert read_notes("a.docx", word(TEXT, header="Ward 7")).problems == ("not read: header",)


def test_a_word_file_without_text_is_refused() -> None:
    with pytest.raises(BadNote, match="no text in it"):
        read_notes("a.docx", word(""))


def test_encrypted_old_and_other_office_files_are_told_apart() -> None:
    old = b"\xd0\xcf\x11\xe0" + bytes(100)
    with pytest.raises(BadFile, match=r"old \.doc or \.xls file; save it as \.docx"):
        read_notes("a.doc", old)
    with pytest.raises(BadFile, match="encrypted; save it without"):
        read_notes("a.docx", old + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(BadFile, match="is a zip archive"):
        read_notes("a.zip", members(word("x")).replace(b"word/", b"else/"))
    with pytest.raises(BadFile, match="OpenDocument"):
        read_notes(
            "a.odt", members(word("x"), **{"content.xml": b"<x/>"}).replace(b"word/", b"else/")
        )


def test_a_damaged_zip_container_is_refused() -> None:
    for data in (b"PK\x03\x04 words", EACH["docx"][:500]):
        with pytest.raises(BadFile, match="zip container is damaged"):
            read_notes("a.docx", data)


def test_rtf_is_read_with_accents_emoji_and_code_pages() -> None:
    (note,) = read_notes("a.rtf", rich_text("Neumonía", "tos")).notes
    assert note.text == "Neumonía\ntos"
    emoji = b"{\\rtf1\\ansi fever \\u-10179?\\u-8704? caf\\'e9}"
    assert read_notes("a.rtf", emoji).notes[0].text == "fever 😀 café"


def test_half_an_emoji_in_rtf_is_refused() -> None:
    with pytest.raises(BadFile, match="half a character"):
        read_notes("a.rtf", b"{\\rtf1\\ansi fever \\u-10179?}")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Fever</p><p>and  <b>cough</b></p>", "Fever\n\nand cough"),
        ("<html><head><title>x</title><style>p{}</style></head><body>Fever", "Fever"),
        ("<head><body>no head end", "no head end"),
        ("a<br>b &amp; c&nbsp;d<script>alert(1)</script>", "a\nb & c\u00a0d"),
        ("<table><tr><td>Drug</td><td>Dose</td></tr></table>", "Drug\tDose"),
        ("<pre>one\n  two</pre>", "one\n  two"),
        ("fever <b", "fever <b"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    assert html_text(html) == text


def test_no_message_of_a_broken_document_holds_text_of_it() -> None:
    broken = [
        ("a.rtf", rich_text(TEXT)[:-1] + b"\\u-10179?}"),
        ("a.jsonl", json.dumps({"id": 1, "text": TEXT}).encode()[:-4]),
        ("a.fhir", b'{"resourceType": "Bundle", "text": "' + TEXT.encode()),
        ("a.csv", f'id,text\n1,"{TEXT}'.encode()),
        ("a.hl7", f"MSH|^~\\&|x\rOBX|1|ED|||a^b^pdf^Base64^{TEXT}".encode()),
        ("a.pdf", pdf(TEXT)[:300]),
        ("a.docx", _in_word(f"<w:p><w:t>{TEXT}</w:p>")),
        ("a.json", json.dumps(document_reference()).replace('"data": "', '"data": "%').encode()),
    ]
    for name, data in broken:
        try:
            said = " ".join(read_notes(name, data).problems)
        except BadInput as error:
            said = str(error)
        assert said
        assert not any(word in said for word in ("Canary", "Fever", "cough", "chest"))
