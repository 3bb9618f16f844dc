"""A document inside a message (FHIR attachment, HL7 encapsulated data): base64 bytes to text."""

import base64
import binascii

from core.errors import BadFile
from core.notes.decoding import decode
from core.notes.extracted import Extracted
from core.notes.limits import Limits

READABLE = {  # media type -> how much we prefer it where a document comes in several
    "text/plain": 0,
    "text/html": 1,
    "application/xhtml+xml": 1,
    "text/rtf": 2,
    "application/rtf": 2,
    "application/pdf": 3,
}


def media_type(value: str) -> str:
    """`text/plain` from `Text/Plain; charset=utf-8`."""
    return value.partition(";")[0].strip().lower()


def attachment_text(encoded: str, kind: str, limits: Limits) -> Extracted:
    """The text of a document of media type `kind`, one of READABLE."""
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadFile("its attachment is not base64; export it again") from None
    return document_text(data, kind, limits)


def document_text(data: bytes, kind: str, limits: Limits) -> Extracted:
    """The text of a document. Readers load on first use: a child that needs none starts fast."""
    match kind:
        case "application/pdf":
            from core.notes.pdf import pdf_text

            return pdf_text(data, limits)
        case "text/rtf" | "application/rtf":
            from core.notes.rich_text import rich_text

            return rich_text(data)
        case "text/html" | "application/xhtml+xml":
            from core.notes.html import html_text

            text, assumed = decode(data)
            return Extracted(text=html_text(text), problems=(assumed,) if assumed else ())
        case "text/plain":
            text, assumed = decode(data)
            return Extracted(text=text, problems=(assumed,) if assumed else ())
    raise BadFile(f"its attachment is of a kind that is not read; use {', '.join(READABLE)}")
