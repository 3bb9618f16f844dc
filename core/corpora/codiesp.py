"""CodiEsp in its official layout: clinical cases with ICD-10 codes and the evidence for them.

    DIR/{train,dev,test,background}/         or DIR is itself one of these folders
        text_files/ID.txt                    Spanish
        text_files_en/ID.txt                 English, machine-translated
        trainD.tsv  trainP.tsv               note id, code
        trainX.tsv                           note id, label, code, words, "start end;start end"

Evidence offsets hold for the Spanish text only. Codes are kept as they are, retired or cut short.
A missing X table leaves notes without evidence; a missing D or P table is told as a problem.
"""

from collections.abc import Iterator
from pathlib import Path

from core.codes.writing import normalise
from core.corpora.reading import Read, text_of
from core.errors import BadFile, BadSettings, UnknownCode, quoted
from core.types import Annotation, Code, CodeSystem, Note, Span

UNLABELLED = "background"
SPLITS = ("train", "dev", "test", UNLABELLED)
SPANISH, ENGLISH = "text_files", "text_files_en"
CODES = {"D": CodeSystem.ICD10CM, "P": CodeSystem.ICD10PCS}
LABELS = {"DIAGNOSTICO": CodeSystem.ICD10CM, "PROCEDIMIENTO": CodeSystem.ICD10PCS}
TEXTS: dict[str, tuple[tuple[str, str], ...]] = {  # folder, and what marks its notes' ids
    "es": ((SPANISH, ""),),
    "en": ((ENGLISH, ""),),
    "both": ((SPANISH, ""), (ENGLISH, ".en")),
}

Codes = dict[str, list[Code]]  # by note
Mention = tuple[Span, ...]  # more than one span if it is discontinuous
Evidence = dict[tuple[str, Code], dict[Mention, None]]


def splits(folder: Path) -> tuple[str, ...]:
    """The splits under `folder`, or the one that `folder` is."""
    found = tuple(split for split in SPLITS if _has_texts(folder / split))
    return found or _alone(folder)


def translations(folder: Path, *, splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """The (Spanish, English) texts of every note of these splits that has both."""
    pairs = []
    for split in splits:
        place = folder / split if _has_texts(folder / split) else folder
        for path in sorted((place / SPANISH).glob("*.txt")):
            english = place / ENGLISH / path.name
            if english.exists():
                pairs.append((text_of(path), text_of(english)))
    return pairs


def read(folder: Path, split: str, language: str) -> Read:
    """Read a split; an unusable line is a problem, a file without its columns an error."""
    if language not in TEXTS:
        raise BadSettings(f"language {language!r} is not one of {', '.join(TEXTS)}")
    place = folder / split if _has_texts(folder / split) else folder
    result = Read()
    codes = _codes(place, split, result)
    for name, suffix in TEXTS[language]:
        if not (place / name).is_dir():
            raise BadFile(f"{place} has no folder {name} for language {language!r}")
        texts = {path.stem: text_of(path) for path in sorted((place / name).glob("*.txt"))}
        evidence: Evidence = {}
        if name == SPANISH:
            evidence = _evidence(place / f"{split}X.tsv", codes=codes, texts=texts, result=result)
        for note, text in texts.items():
            annotations = tuple(
                Annotation(code=code, evidence=mention)
                for code in codes.get(note, ())
                for mention in evidence.get((note, code), {(): None})
            )
            result.add(Note(id=note + suffix, text=text, annotations=annotations), name)
        lost = [note for note in codes if note not in texts]
        result.problems += [f"{split}: codes for {note}, but no {name}/{note}.txt" for note in lost]
    return result


def _codes(place: Path, split: str, result: Read) -> Codes:
    codes: Codes = {}
    tables = {place / f"{split}{letter}.tsv": system for letter, system in CODES.items()}
    if split != UNLABELLED and not any(path.exists() for path in tables):
        raise BadFile(f"{place} has neither of {', '.join(path.name for path in tables)}")
    for path, system in tables.items():
        if split != UNLABELLED and not path.exists():
            result.problems.append(f"{path.name} is missing: no note has codes of {system}")
        for where, (note, raw) in _rows(path, 2, result):
            try:
                code = normalise(system, raw)
            except UnknownCode as error:
                result.problems.append(f"{where}: {error}")
                continue
            of_note = codes.setdefault(note, [])
            if code in of_note:
                result.problems.append(f"{where}: {code} stands twice for {note}")
            else:
                of_note.append(code)
    return codes


def _evidence(path: Path, *, codes: Codes, texts: dict[str, str], result: Read) -> Evidence:
    """Mentions of each code of each note; rows that do not fit codes or text are problems."""
    evidence: Evidence = {}
    unlisted: list[str] = []
    differing: list[str] = []
    for where, (note, label, raw, words, places) in _rows(path, 5, result):
        try:
            code = _code(label, raw)
            if note not in texts or code not in codes.get(note, ()):
                unlisted.append(where)
                continue
            spans = _spans(places, len(texts[note]))
        except (BadFile, UnknownCode) as error:
            result.problems.append(f"{where}: {error}; the row is left out")
            continue
        if " ".join(texts[note][span.start : span.end] for span in spans).split() != words.split():
            differing.append(where)
        mention = tuple(sorted({span for span in spans if span.start < span.end}))
        if mention:
            evidence.setdefault((note, code), {})[mention] = None
    for rows, what in (
        (unlisted, "for a code that its note does not carry, or without a text; left out"),
        (differing, "whose words are not those at its offsets; the offsets are used"),
    ):
        if rows:
            result.problems.append(f"{rows[0]}: evidence {what} (such rows: {len(rows)})")
    return evidence


def _code(label: str, raw: str) -> Code:
    if label not in LABELS:
        raise BadFile(f"label {quoted(label)} is not one of {', '.join(LABELS)}")
    return normalise(LABELS[label], raw)


def _spans(places: str, length: int) -> list[Span]:
    """The parts of a reference in the order given; an empty part marks nothing and does no harm."""
    try:
        pairs = [[int(number) for number in place.split()] for place in places.split(";")]
        spans = [Span(start, end) for start, end in pairs]
    except ValueError:
        raise BadFile(f"{quoted(places)} is not start and end offsets") from None
    if not all(0 <= span.start <= span.end <= length for span in spans):
        raise BadFile(f"{quoted(places)} lies outside the text ({length} characters)")
    return spans


def _rows(path: Path, columns: int, result: Read) -> Iterator[tuple[str, list[str]]]:
    """The rows of a table without a header, each with its place; a table may be absent."""
    if not path.exists():
        return
    for number, line in enumerate(text_of(path).split("\n"), start=1):
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
    return any((place / texts).is_dir() for texts in (SPANISH, ENGLISH))


def _alone(folder: Path) -> tuple[str, ...]:
    if not _has_texts(folder):
        return ()
    tables = [
        split for split in SPLITS for letter in "DPX" if (folder / f"{split}{letter}.tsv").exists()
    ]
    named = [folder.name] if folder.name in SPLITS else []
    return tuple(dict.fromkeys(tables or named or [UNLABELLED]))
