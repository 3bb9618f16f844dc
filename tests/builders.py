"""Builders of small test data: codes, notes, corpora on disk, and hostile clinical text."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from core.types import Annotation, Code, CodeSystem, Note, Span

AWKWARD = (
    *("pain", "fiebre", "neumonía", "e\u0301dema", "ñ", "<&>", "<b>", "&amp;", "👩🏽‍⚕️", "🩺", "𝛼"),
    *("\r\n", "\n", "\t", " ", "\u2028", "\u00a0", "\u202e", "38.5", "I10", ".", '"', ",", ";"),
)


def clinical_text(*, max_pieces: int = 40) -> st.SearchStrategy[str]:
    """Text with emoji, combining marks, CRLF and `<&>`; always with a letter in it."""
    pieces = st.one_of(
        st.sampled_from(AWKWARD),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
    )
    text = st.lists(pieces, max_size=max_pieces).map("".join)
    return st.builds(lambda before, after: f"{before}dolor{after}", text, text)


def a_code(code: str = "I10", system: CodeSystem = CodeSystem.ICD10CM) -> Code:
    return Code(system, code)


def a_note(
    text: str = "Fever and chest pain.",
    *codes: Code,
    id: str = "n1",
    evidence: Sequence[tuple[int, int]] = (),
) -> Note:
    """A note that carries `codes`, each with the same evidence."""
    spans = tuple(Span(start, end) for start, end in evidence)
    annotations = tuple(Annotation(code=code, evidence=spans) for code in codes)
    return Note(id=id, text=text, annotations=annotations)


def write_codiesp(
    folder: Path,
    split: str = "dev",
    *,
    texts: Mapping[str, str],
    english: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
) -> Path:
    """Write one split in the official layout; `tables` are the lines of D, P and X as they are."""
    place = folder / split
    for name, of_language in (("text_files", texts), ("text_files_en", english or {})):
        (place / name).mkdir(parents=True, exist_ok=True)
        for note, text in of_language.items():
            (place / name / f"{note}.txt").write_bytes(text.encode())
    for letter, lines in (tables or {}).items():
        (place / f"{split}{letter}.tsv").write_bytes(lines.encode())
    return place


def write_jsonl(path: Path, lines: Iterable[object]) -> Path:
    """Write a line of JSON for each object; a string is written as it is."""
    said = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{line}\n" for line in said), encoding="utf-8")
    return path
