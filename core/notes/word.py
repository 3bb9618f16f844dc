"""Word documents (.docx) to text: paragraphs and tables in their order, as the eye reads them.

python-docx opens the package; its paragraphs leave out text in tracked insertions and text boxes,
so the text is taken from the XML itself. Deleted text is left out.
"""

import io
import re
from collections.abc import Iterator

from docx import Document
from docx.document import Document as Opened
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from core.errors import BadFile
from core.notes.extracted import Extracted
from core.notes.limits import Limits
from core.notes.zips import check_parts

_CHARACTERS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "\u2011",
}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset({qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), _FALLBACK})
_TEXT = re.compile(rb"<w:t(?: [^>]*)?>([^<]*)</w:t>")
_ELSEWHERE = ("header", "footer", "footnotes", "endnotes", "comments")


def word_text(data: bytes, limits: Limits) -> Extracted:
    """The text of the body: a line a paragraph, a line a table row with TAB between its cells."""
    check_parts(data, limits)
    document = Document(io.BytesIO(data))
    body = document.element.body
    if body is None:
        raise BadFile("it has no body; open it in Word and save it again")
    elsewhere = sorted(_elsewhere(document))
    problems = (f"not read: {', '.join(elsewhere)}",) if elsewhere else ()
    return Extracted(text="".join(_pieces(body)).strip("\n"), problems=problems)


def _pieces(element: BaseOxmlElement) -> Iterator[str]:
    for child in element:
        if child.tag in _UNSEEN:
            continue
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag == qn("w:tr"):
            cells = (cell for cell in child if cell.tag == qn("w:tc"))
            yield "\t".join("".join(_pieces(cell)).strip("\n").replace("\n", " ") for cell in cells)
            yield "\n"
        else:
            yield from _pieces(child)
            if child.tag == qn("w:p"):
                yield "\n"


def _elsewhere(document: Opened) -> set[str]:
    """Kinds of parts outside the body that hold any letter: headers, footnotes, comments."""
    return {
        kind
        for part in document.part.package.iter_parts()
        for kind in _ELSEWHERE
        if kind in part.partname.lower() and _has_words(part.blob)
    }


def _has_words(xml: bytes) -> bool:
    return any(text.strip() for text in _TEXT.findall(xml))
