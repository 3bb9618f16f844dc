"""One line of what `db export --format corpus` writes, read again as a coded note.

Strict where `core.corpora` is lenient: that one leaves out what it cannot read, but what is read
here becomes the record, so a line is taken whole or refused.
"""

import json
import re
from typing import Any

from core.errors import BadNote, UnknownCode
from core.types import Annotation, Code, CodeSystem, Note, Span

_FORMS = {  # as export writes them: in upper case, with the dot in its place
    CodeSystem.ICD10CM: r"([A-Z][0-9]|QA)[0-9A-Z](\.[0-9A-Z]{1,4})?",  # QA0.0101 of 2026
    CodeSystem.ICD10PCS: r"[0-9A-HJ-NP-Z]{1,7}",
    CodeSystem.ICD9CM: r"E[0-9]{3}(\.[0-9])?|[V0-9][0-9]{2}(\.[0-9]{1,2})?",
    CodeSystem.ICD9PROC: r"[0-9]{2}(\.[0-9]{1,2})?",
    CodeSystem.CCS: r"[0-9]{1,4}",
    CodeSystem.CCSPROC: r"[0-9]{1,3}",
    CodeSystem.CCSR: r"[A-Z]{3}[0-9]{3}",
}


def coded_note(line: bytes) -> Note:
    """The note, one annotation a code in their order; BadNote says what is wrong, without words."""
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # "from None": the original error quotes the line
        raise BadNote("not JSON in UTF-8") from None
    if not isinstance(fields, dict) or not {"id", "text", "codes"} <= fields.keys():
        raise BadNote("not an object with id, text and codes, as export writes it")
    if "rejected" in fields:
        raise BadNote("feedback, which may be half a chart; export the charts as a corpus")
    name, text, listed = _words(fields["id"], "id"), _words(fields["text"], "text"), fields["codes"]
    if not isinstance(listed, list):
        raise BadNote("codes is not a list")
    annotations = tuple(_annotation(item, len(text)) for item in listed)
    if len({each.code for each in annotations}) < len(annotations):
        raise BadNote("a code stands twice")
    return Note(id=name, text=text, annotations=annotations)


def _words(value: Any, field: str) -> str:  # Any: JSON from outside
    if not isinstance(value, str) or not value.strip():
        raise BadNote(f"{field} is empty or no string")
    if re.search("[\0\ud800-\udfff]", value):  # databases keep neither
        raise BadNote(f"{field} holds a NUL or half a character")
    return value


def _annotation(item: Any, characters: int) -> Annotation:
    match item:
        case {"system": str(system), "code": str(code), "evidence": list(pairs)}:
            evidence = tuple(_span(pair, characters) for pair in pairs)
            return Annotation(code=_code(system, code), evidence=evidence)
    raise BadNote("a code is no object with system, code and a list of evidence")


def _code(name: str, code: str) -> Code:
    try:
        system = CodeSystem.parse(name)
    except UnknownCode as error:
        raise BadNote(str(error)) from None
    if not re.fullmatch(_FORMS[system], code):
        raise BadNote(f"a code is not written like one of {system}, in upper case with its dot")
    return Code(system, code)


def _span(pair: Any, characters: int) -> Span:
    match pair:
        case [start, end] if type(start) is type(end) is int and 0 <= start < end <= characters:
            return Span(start, end)
    raise BadNote("evidence is not [start, end] within the text")
