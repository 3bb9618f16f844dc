"""Real files of every format of uploads, made by the formats' own libraries; and damage to them."""

import base64
import csv
import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence

import docx
import openpyxl
import pyarrow
import pyarrow.parquet

TEXT = "Fever and cough for three days. Mr Canary denies chest pain."
TABLE: tuple[tuple[object, ...], ...] = (
    ("note_id", "text", "encounter_id", "age", "sex", "service_date"),
    ("n1", TEXT, "v1", "71", "F", "2025-03-04"),
    ("n2", "Neumonía, línea 1\r\nlínea 2 😀", "v2", "8", "M", "2025-03-05"),
)


def pdf(*pages: str, extra: bytes = b"") -> bytes:
    """A minimal PDF, written by hand: one line of text a page; "" is a page without text."""
    count = len(pages)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(count))
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % extra,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, line in enumerate(pages):
        shown = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % line.encode("cp1252") if line else b"q Q"
        bodies.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (5 + 2 * number)
        )
        bodies.append(b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown))
    return pdf_of(bodies)


def pdf_of(bodies: Sequence[bytes]) -> bytes:
    """Header, objects 1, 2, …, cross-reference table and trailer."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\n"
        % (
            len(bodies) + 1,
            table,
            len(bodies) + 1,
        )
        + b"startxref\n%d\n%%%%EOF" % len(out)
    )


def word(*paragraphs: str, rows: Sequence[Sequence[str]] = (), header: str = "") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for cells, line in zip(rows, table.rows, strict=True):
            for text, cell in zip(cells, line.cells, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    return _saved(document)


def excel(rows: Sequence[Sequence[object]] = TABLE, *, before: Sequence[str] = ()) -> bytes:
    """A workbook; `before` are the words of a first sheet that is no table of notes."""
    book = openpyxl.Workbook()
    sheet = book.active
    if before:
        for line in before:
            sheet.append([line])
        sheet = book.create_sheet("notes")
    for row in rows:
        sheet.append(list(row))
    return _saved(book)


def parquet(columns: Mapping[str, Sequence[object]] | None = None) -> bytes:
    given = columns or {str(name): column for name, *column in zip(*TABLE, strict=True)}
    file = io.BytesIO()
    table = pyarrow.table(dict(given))
    pyarrow.parquet.write_table(table, file, use_dictionary=False, write_statistics=False)
    return file.getvalue()


def delimited(delimiter: str = ",", rows: Sequence[Sequence[object]] = TABLE) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def json_lines(rows: Sequence[Sequence[object]] = TABLE) -> bytes:
    header = [str(name) for name in rows[0]]
    objects = (dict(zip(header, row, strict=True)) for row in rows[1:])
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in objects).encode()


def rich_text(*paragraphs: str) -> bytes:
    def escaped(text: str) -> str:
        return "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text)

    body = "\\par ".join(escaped(paragraph) for paragraph in paragraphs)
    return f"{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl\\f0 Arial;}}\\f0 {body}}}".encode("ascii")


def document_reference(
    data: bytes = TEXT.encode(), kind: str = "text/plain", **changes: object
) -> dict[str, object]:
    attachment = {"contentType": kind, "data": base64.b64encode(data).decode()}
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": attachment}],
        "context": {
            "encounter": [{"reference": "Encounter/v1"}],
            "period": {"start": "2025-03-04T08:00:00Z"},
        },
    } | changes


def bundle(*resources: Mapping[str, object]) -> bytes:
    entries = [{"resource": dict(resource)} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-01-02"}


def hl7(*segments: str) -> bytes:
    return "".join(f"{segment}\r" for segment in segments).encode()


MDM = (
    "MSH|^~\\&|EHR|H|EVI|H|20250304101500||MDM^T02|M1|P|2.5",
    "PID|1||p1^^^H^MR||CANARY^ANA||19500102|F",
    "PV1|1|I|W^1^1||||||||||||||||v1",
    "TXA|1|DS|TX|20250304101500||||||||d1",
    "OBX|1|TX|DS^Summary||Fever \\T\\ cough~second line||||||F",
    "OBX|2|TX|DS^Summary||BP 120\\S\\80 \\H\\high\\N\\||||||F",
)


def members(archive: bytes, **changed: bytes) -> bytes:
    """A zip file with the content of some of its members changed; `__` stands for `/`."""
    contents = {name.replace("__", "/"): data for name, data in changed.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, contents.pop(name, None) or before.read(name))
        for name, data in contents.items():
            after.writestr(name, data)
    return out.getvalue()


def one_of_each() -> dict[str, bytes]:
    """Ending -> a file of that format that is read without a problem."""
    return {
        "txt": TEXT.encode(),
        "pdf": pdf(TEXT, "Second page"),
        "docx": word(TEXT, "Second paragraph", rows=[["a", "b"]]),
        "rtf": rich_text(TEXT, "línea 2"),
        "csv": delimited(),
        "tsv": delimited("\t"),
        "xlsx": excel(),
        "parquet": parquet(),
        "jsonl": json_lines(),
        "fhir": bundle(PATIENT, document_reference()),
        "hl7": hl7(*MDM),
    }


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A mutated file; of a zip file half the time one with a whole container and a mutated part."""
    if data.startswith(b"PK") and chance.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
            name = chance.choice(parts)
            return members(data, **{name.replace("/", "__"): mutated(archive.read(name), chance)})
    return mutated(data, chance)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` after one to eight bytes or stretches were changed, dropped, doubled or put in."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed) + 1)
        end = min(len(changed), place + chance.choice((1, 1, 1, 2, 4, 16, 256)))
        kind = chance.randrange(5)
        if kind == 0 and place < len(changed):
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[place:end] = chance.randbytes(end - place)
        elif kind == 2:
            del changed[place:end]
        elif kind == 3:
            changed[place:place] = changed[place:end]
        else:
            changed[place:end] = chance.choice(_INTERESTING)
    return bytes(changed)


_INTERESTING = (
    *(
        b"\0",
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff",
        b"-1",
        b"99999999999",
        b'"',
        b"{",
        b"[" * 64,
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xed\xa0\xbd",
        b"<!ENTITY a 'b'>",
        b"\r\n",
        b"\\",
        b"|",
        b"endobj",
        b"\x0b",
    ),
)


def _saved(document: "docx.document.Document | openpyxl.Workbook") -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
