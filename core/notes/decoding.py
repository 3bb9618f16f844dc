"""Bytes to text: which encoding, and what a file that is no text seems to be.

Accepted without a word: UTF-8 with or without a byte order mark, UTF-16 with one. Any other text is
read as Windows-1252 (which holds Latin-1) if all of this holds, and the caller is told so:

- each byte is a character of Windows-1252, and none is a control character;
- at most a quarter of the characters are outside ASCII, each a letter or a usual sign (TYPED);
- no pair of bytes is an accented letter in UTF-8: that would be UTF-8 with damage elsewhere.

Western European prose passes; other code pages, UTF-16 without a mark and binary data do not.
"""

import codecs
import re

from core.errors import BadNote

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a Word (.docx), Excel (.xlsx) or other zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Word (.doc) or Excel (.xls) file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a SQLite database"),
)
TYPED = "–—‘’‚“”„•…°ºª¿¡€£±µ«»·×½¼¾¹²³§™®©´¨\u00a0\u00ad"
UTF_8_LETTER = re.compile(rb"\xc2[\xa0-\xbf]|\xc3[\x80-\xbf]")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")  # all but those that lay out text
ADVICE = "save or export the note as plain text (UTF-8) and upload that"
ASSUMED = "not UTF-8: read as Windows-1252; check accented letters, or save it as UTF-8"


def decode(data: bytes) -> tuple[str, str | None]:
    """The exact text without its byte order mark, and what was assumed (None: nothing).

    BadNote if the bytes are no text, or are in no encoding that can be told.
    """
    if not data:
        raise BadNote("the file is empty (0 bytes); was it saved before it was uploaded?")
    refuse_known(data)
    text, assumed = _decode(data)
    if "\0" in text:
        raise BadNote(f"it holds NUL characters, so it is not plain text; {ADVICE}")
    controls = len(CONTROLS.findall(text))
    if controls * 100 > len(text):
        raise BadNote(
            f"{controls:,} of {len(text):,} characters are control characters, so it is not plain "
            f"text; {ADVICE}"
        )
    return text, assumed


def refuse_known(data: bytes) -> None:
    """BadNote that names what the bytes are, if their start says so."""
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            raise BadNote(f"it seems to be {kind}, not plain text; {ADVICE}")
    if data[128:132] == b"DICM":
        raise BadNote(f"it seems to be a DICOM image, not plain text; {ADVICE}")


def _decode(data: bytes) -> tuple[str, str | None]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadNote("it seems to be UTF-32, which is not supported; save it as UTF-8")
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return _strictly(data, mark, encoding), None
    if b"\0" in data:
        raise BadNote(f"it holds NUL bytes, so it is not plain text; {ADVICE}")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return _western(data, first_bad=error.start), ASSUMED


def _strictly(data: bytes, mark: bytes, encoding: str) -> str:
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise BadNote(
            f"it says it is {encoding.upper()}, but byte {error.start + len(mark):,} is not; "
            "save it again as UTF-8"
        ) from None


def _western(data: bytes, *, first_bad: int) -> str:
    """`data` as Windows-1252 if it plausibly is (see the rule above); BadNote if not."""
    refusal = BadNote(
        f"its encoding cannot be told: byte {first_bad:,} is not UTF-8, and it does not read as "
        "Western European text either; save it as UTF-8"
    )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise refusal from None
    beyond = [character for character in text if not character.isascii()]
    usual = all(character.isalpha() or character in TYPED for character in beyond)
    if not usual or len(beyond) * 4 > len(text) or CONTROLS.search(text):
        raise refusal
    if UTF_8_LETTER.search(data):
        raise refusal
    return text
