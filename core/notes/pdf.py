"""PDF to text, page by page, by its text layer. A scan has none and is refused."""

import io

from pypdf import PdfReader

from core.errors import BadFile, BadNote
from core.notes.extracted import Extracted
from core.notes.limits import Limits

BETWEEN_PAGES = "\n\n"
SHOWN = 10  # page numbers in a message


def pdf_text(data: bytes, limits: Limits) -> Extracted:
    """The text of all pages; BadNote without any, BadFile if encrypted or too long."""
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise BadFile(
            "it is encrypted, even if it opens without a password; print it to a new PDF and "
            "upload that"
        )
    count = len(reader.pages)
    if count == 0:
        raise BadFile("there is no page in it; it is damaged, so export it again")
    if count > limits.pages:
        raise BadFile(
            f"{count:,} pages are more than the {limits.pages:,} allowed; split it into its notes"
        )
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text().replace("\0", ""))
        if sum(map(len, pages)) > limits.characters:
            raise BadNote(
                f"its first {len(pages):,} of {count:,} pages hold more than the "
                f"{limits.characters:,} characters a note may have; split it into its encounters"
            )
    return Extracted(text=BETWEEN_PAGES.join(pages), problems=_problems(reader, pages))


def _problems(reader: PdfReader, pages: list[str]) -> tuple[str, ...]:
    empty = [str(number) for number, page in enumerate(pages, start=1) if not page.strip()]
    if len(empty) == len(pages):
        raise BadNote(
            f"there is no text on any page (of {len(pages):,}): it is a scan or a picture; run "
            "text recognition (OCR) over it first, or upload the note as text"
        )
    problems = []
    if empty:
        shown = ", ".join(empty[:SHOWN]) + (", …" if len(empty) > SHOWN else "")
        problems.append(f"no text on page {shown}: pictures are not read")
    if "/AcroForm" in reader.root_object:
        problems.append("it is a form: what was filled into its fields may not have been read")
    return tuple(problems)
