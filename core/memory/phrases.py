"""Phrases that stand for a code: what coders marked, and what the code tables call it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.codes import CodeTables
from core.types import Annotation, Code, CodeSystem, Note


class Source(StrEnum):
    """Where a phrase comes from; the value is what a coder reads."""

    EVIDENCE = "coded notes"
    TITLE = "code title"
    INCLUSION = "inclusion term"
    CATEGORY = "category title"


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that stand for a code."""

    text: str
    code: Code
    source: Source


def words_of(note: Note, annotation: Annotation) -> str:
    """The words of a mention; the parts of a discontinuous one are joined by a space."""
    return " ".join(note.text[span.start : span.end] for span in annotation.evidence)


def evidence_phrases(notes: Iterable[Note]) -> list[Phrase]:
    """Every mention that somebody marked, one phrase each, in the order of the notes."""
    return [
        Phrase(text=text, code=annotation.code, source=Source.EVIDENCE)
        for note in notes
        for annotation in note.annotations
        if (text := words_of(note, annotation)).strip()
    ]


def listed_phrases(tables: CodeTables, codes: Sequence[Code]) -> list[Phrase]:
    """Titles and inclusion terms of `codes`, and the titles of their categories."""
    found: dict[Phrase, None] = {}
    for code in codes:
        if title := tables.title(code):
            found[Phrase(text=title, code=code, source=Source.TITLE)] = None
        if code.system is CodeSystem.ICD10CM:
            for term in tables.icd10cm.notes(code.code, "inclusion_term"):
                found[Phrase(text=term, code=code, source=Source.INCLUSION)] = None
        category = tables.category(code)
        if category is not None and (title := tables.title(category)):
            found[Phrase(text=title, code=category, source=Source.CATEGORY)] = None
    return list(found)
