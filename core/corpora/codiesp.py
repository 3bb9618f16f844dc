"""CodiEsp in its official layout: clinical cases with ICD-10 codes and the evidence for them.

    DIR/{train,dev,test,background}/         or DIR is itself one of these folders
        text_files/ID.txt                    Spanish
        text_files_en/ID.txt                 English, machine-translated
        trainD.tsv  trainP.tsv               note id, code
        trainX.tsv                           note id, label, code, words, "start end;start end"

Evidence offsets hold for the Spanish text only. Codes are kept as they are, retired or cut short.
"""

from collections.abc import Iterator
from pathlib import Path

from core.corpora.reading import Read, text_of
from core.errors import BadFile, BadSettings
from core.types import Annotation, Code, CodeSystem, Note, Span

SPLITS = ("train", "dev", "test", "background")
CODES = {"D": CodeSystem.ICD10CM, "P": CodeSystem.ICD10PCS}
LABELS = {"DIAGNOSTICO": CodeSystem.ICD10CM, "PROCEDIMIENTO": CodeSystem.ICD10PCS}
TEXTS: dict[str, tuple[tuple[str, str], ...]] = {  # folder, and what marks its notes' ids
    "es": (("text_files", ""),),
    "en": (("text_files_en", ""),),
    "both": (("text_files", ""), ("text_files_en", ".en")),
}

Evidence = dict[tuple[str, Code], tuple[Span, ...]]


def splits(folder: Path) -> tuple[str, ...]:
    """The splits under `folder`, or the one that `folder` is."""
    found = tuple(split for split in SPLITS if _has_texts(folder / split))
    return found or _alone(folder)


def read(folder: Path, split: str, language: str) -> Read:
    """Read a split; an unusable line is a problem, a file without its columns an error."""
    if language not in TEXTS:
        raise BadSettings(f"language {language!r} is not one of {', '.join(TEXTS)}")
    place = folder / split if _has_texts(folder / split) else folder
    result = Read()
    codes = _codes(place, split, result)
    evidence = _evidence(place / f"{split}X.tsv", result)
    known: set[str] = set()
    for texts, suffix in TEXTS[language]:
        for path in sorted((place / texts).glob("*.txt")):
            spans = evidence if texts == "text_files" else {}
            known.add(path.stem)
            note = _note(path, codes.get(path.stem, []), spans, result)
            result.add(Note(id=note.id + suffix, text=note.text, annotations=note.annotations), "")
    missing = [note for note in codes if note not in known]
    result.problems += [f"{split}: codes for {note}, but no text file of it" for note in missing]
    return result


def _note(path: Path, codes: list[Code], evidence: Evidence, result: Read) -> Note:
    text = text_of(path)
    annotations = []
    for code in codes:
        spans = evidence.get((path.stem, code), ())
        fitting = tuple(span for span in spans if span.end <= len(text))
        if len(fitting) < len(spans):
            result.problems.append(f"{path.name}: evidence for {code} lies outside the text")
        annotations.append(Annotation(code=code, evidence=fitting))
    return Note(id=path.stem, text=text, annotations=tuple(annotations))


def _codes(place: Path, split: str, result: Read) -> dict[str, list[Code]]:
    codes: dict[str, list[Code]] = {}
    for letter, system in CODES.items():
        for where, (note, raw) in _rows(place / f"{split}{letter}.tsv", 2, result):
            code = Code(system, raw.upper())
            of_note = codes.setdefault(note, [])
            if code in of_note:
                result.problems.append(f"{where}: {code} stands twice for {note}")
            else:
                of_note.append(code)
    return codes


def _evidence(path: Path, result: Read) -> Evidence:
    evidence: Evidence = {}
    for where, (note, label, raw, _, places) in _rows(path, 5, result):
        if label not in LABELS:
            result.problems.append(f"{where}: label {label!r} is not one of {', '.join(LABELS)}")
            continue
        try:
            spans = tuple(_span(place) for place in places.split(";"))
        except ValueError:
            result.problems.append(f"{where}: {places!r} is not start and end offsets")
            continue
        if any(span.start == span.end for span in spans):
            result.problems.append(f"{where}: {places!r} has an empty part, which is left out")
            spans = tuple(span for span in spans if span.start < span.end)
        key = (note, Code(LABELS[label], raw.upper()))
        evidence[key] = evidence.get(key, ()) + spans
    return evidence


def _span(place: str) -> Span:
    start, end = (int(number) for number in place.split())
    if not 0 <= start <= end:
        raise ValueError
    return Span(start, end)


def _rows(path: Path, columns: int, result: Read) -> Iterator[tuple[str, list[str]]]:
    """The rows of a table without a header, each with its place; a table may be absent."""
    if not path.exists():
        return
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and len(cells) != columns:
            raise BadFile(
                f"{path}, row 1 has {len(cells)} tab-separated columns, not {columns}; "
                "is this the official file?"
            )
        if len(cells) == columns and all(cells):
            yield f"{path.name}, row {number}", cells
        elif line.strip():
            result.problems.append(f"{path.name}, row {number}: not {columns} filled columns")


def _has_texts(place: Path) -> bool:
    return any((place / texts).is_dir() for texts in ("text_files", "text_files_en"))


def _alone(folder: Path) -> tuple[str, ...]:
    if not _has_texts(folder):
        return ()
    tables = [
        split for split in SPLITS for letter in "DPX" if (folder / f"{split}{letter}.tsv").exists()
    ]
    named = [folder.name] if folder.name in SPLITS else []
    return tuple(dict.fromkeys(tables or named or ["background"]))
