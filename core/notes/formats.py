"""Which kind of file an upload is: told by its first bytes, then by its name."""

import codecs
import re
from enum import StrEnum

from core.errors import BadFile, BadNote
from core.notes.decoding import refuse_known
from core.notes.limits import Limits
from core.notes.zips import member_names


class Format(StrEnum):
    """A kind of file that is read; the value is the ending of its name."""

    TXT = "txt"
    PDF = "pdf"
    DOCX = "docx"
    RTF = "rtf"
    CSV = "csv"
    TSV = "tsv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSONL = "jsonl"
    FHIR = "fhir"
    HL7 = "hl7"


ENDINGS: dict[str, Format] = {format_.value: format_ for format_ in Format} | {
    "text": Format.TXT,
    "docm": Format.DOCX,
    "tab": Format.TSV,
    "xlsm": Format.XLSX,
    "pq": Format.PARQUET,
    "ndjson": Format.JSONL,
    "json": Format.FHIR,
}
TEXTS = frozenset({Format.TXT, Format.CSV, Format.TSV, Format.JSONL, Format.FHIR, Format.HL7})
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MESSAGE = re.compile(r"[\s\x0b]*(?:FHS|BHS|MSH)[^\w\s]")
_RESOURCE = re.compile(r'(?<!\\)"resourceType"\s*:\s*"')


def format_of(name: str, data: bytes, limits: Limits) -> Format:
    """The format of a file; BadNote or BadFile if it is none of those that are read."""
    if not data:
        raise BadNote("the file is empty (0 bytes); was it saved before it was uploaded?")
    named = ENDINGS.get(name.lower().rpartition(".")[2])
    found = _by_signature(data, limits) or _by_text(data, named)
    if found is not None:
        return found
    refuse_known(data)
    if named is None:
        endings = " ".join(f".{ending}" for ending in ENDINGS)
        raise BadFile(f"its name has none of the endings that are read: {endings}")
    if named not in TEXTS:
        raise BadFile(
            f"it is named .{named} but does not start like one; if it is plain text, name it .txt, "
            "else export it again"
        )
    return named


def _by_signature(data: bytes, limits: Limits) -> Format | None:
    start = data[:1024].lstrip(codecs.BOM_UTF8 + b" \r\n\t\0")
    if start.startswith(b"%PDF-"):
        return Format.PDF
    if start.startswith(b"{\\rtf"):
        return Format.RTF
    if data.startswith(b"PAR1"):
        return Format.PARQUET
    if data.startswith(b"PK\x03\x04"):
        return _by_members(member_names(data, limits))
    if data.startswith(OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise BadFile("it is encrypted; save it without a password and upload that")
        raise BadFile("it is an old .doc or .xls file; save it as .docx or .xlsx")
    return None


def _by_members(names: frozenset[str]) -> Format:
    for start, format_ in (("word/document", Format.DOCX), ("xl/workbook.xml", Format.XLSX)):
        if any(name.startswith(start) for name in names):
            return format_
    if "xl/workbook.bin" in names:
        raise BadFile("it is a binary Excel file (.xlsb); save it as .xlsx")
    if "content.xml" in names:
        raise BadFile("it is an OpenDocument file; save it as .docx or .xlsx")
    raise BadFile("it is a zip archive, not a note; unpack it and upload the files in it")


def _by_text(data: bytes, named: Format | None) -> Format | None:
    """HL7 v2 and FHIR by content, whatever the name: both are unmistakable."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "latin-1", errors="ignore")
    text = text.removeprefix("\u00ef\u00bb\u00bf")  # a UTF-8 mark as Latin-1 reads it
    if _MESSAGE.match(text):
        return Format.HL7
    if text.lstrip()[:1] in ("{", "["):
        if _RESOURCE.search(text):
            return Format.FHIR
        if named is Format.FHIR:
            return Format.JSONL
    return None
