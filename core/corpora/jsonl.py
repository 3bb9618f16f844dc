"""Coded notes as JSON lines: {"id", "text", "codes": [{"system", "code", "evidence": [[s, e]]}]}.

    DIR/train.jsonl  DIR/dev.jsonl  DIR/test.jsonl      or one .jsonl file, in a folder or named
    DIR/labels.csv                                      system,code,..: the label space, if not all

Each may be packed (.jsonl.gz). Files are read line by line.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.codes.writing import normalise
from core.corpora.reading import Read
from core.errors import BadFile, UnknownCode
from core.types import Annotation, Code, CodeSystem, Note, Span

SPLITS = ("train", "dev", "test")
LABELS = "labels.csv"
ENDINGS = (".jsonl", ".jsonl.gz")
NOTHING_MARKED: list[tuple[Span, ...]] = [()]


def splits(folder: Path) -> tuple[str, ...]:
    """The splits a folder holds by name; a single file is a split by its own name."""
    if folder.is_file():
        return (_stem(folder),) if folder.name.endswith(ENDINGS) else ()
    there = {_stem(path) for path in folder.iterdir() if path.name.endswith(ENDINGS)}
    named = tuple(split for split in SPLITS if split in there)
    return named or tuple(there if len(there) == 1 else ())


def read(folder: Path, split: str, language: str) -> Read:
    """Read a split; a line that cannot be used is a problem, and the rest goes on."""
    del language  # lines say nothing of it
    path = folder if folder.is_file() else _file(folder, split)
    result = Read()
    for where, note, _ in notes_of(path, result):
        result.add(note, where)
    return result


def notes_of(path: Path, result: Read) -> Iterator[tuple[str, Note, dict[str, Any]]]:
    """Each usable line: where it stands, its note, and all its fields; others are problems."""
    for number, line in enumerate(_lines(path), start=1):
        where = f"{path.name}, line {number}"
        if line.strip():
            try:
                fields = json.loads(line)
                note = _note(fields, where, result)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                said = str(error) if isinstance(error, Unusable) else "not a JSON object of a note"
                result.problems.append(f"{where}: {said}")
                continue
            yield where, note, fields


def codes_of(listed: object, where: str, result: Read) -> frozenset[Code]:
    """The codes of a list of objects with system and code; what is none of these is a problem."""
    found = set()
    for item in listed if isinstance(listed, list) else []:
        try:
            found.add(_code(item))
        except (Unusable, UnknownCode) as error:
            result.problems.append(f"{where}: {error}")
    return frozenset(found)


def labels(folder: Path) -> tuple[Code, ...]:
    """The codes of labels.csv, the label space the folder brings; empty without that file."""
    path = folder / LABELS
    if not path.is_file():
        return ()
    found = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row, cells in enumerate(csv.DictReader(file), start=2):
            try:
                found.append(normalise(CodeSystem.parse(cells["system"]), cells["code"]))
            except (KeyError, TypeError, AttributeError):
                raise BadFile(f"{path}, row {row}: no system and code; see the header") from None
            except UnknownCode as error:
                raise BadFile(f"{path}, row {row}: {error}") from None
    return tuple(found)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


def _file(folder: Path, split: str) -> Path:
    return next(path for end in ENDINGS if (path := folder / f"{split}{end}").exists())


def _lines(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        # newline: a note may hold U+2028 or U+000D, which JSON leaves as they are
        with opened(path, "rt", encoding="utf-8-sig", newline="\n") as file:
            yield from file
    except UnicodeDecodeError:
        raise BadFile(f"{path} is not UTF-8; save it as UTF-8") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(f"{path} is cut short or damaged: {error}") from None


class Unusable(ValueError):
    """A line whose message says what it lacks, without its text."""


def _note(fields: Any, where: str, result: Read) -> Note:  # Any: JSON from outside
    if not isinstance(fields, dict) or not {"id", "text"} <= fields.keys():
        raise Unusable("not an object with id and text")
    if not isinstance(fields["id"], str | int) or not isinstance(fields["text"], str):
        raise Unusable("id is not a string or number, or text is not a string")
    if not any(letter.isalpha() for letter in fields["text"]):
        raise Unusable("the text has no words")
    if not _is_unicode(fields["text"]):
        raise Unusable("the text has half a surrogate pair in it")
    listed = fields.get("codes") or []
    if not isinstance(listed, list):
        raise Unusable("codes is not a list")
    evidence: dict[Code, set[Span]] = {}
    for item in listed:
        try:
            code = _code(item)
        except (Unusable, UnknownCode) as error:
            result.problems.append(f"{where}: {error}")
            continue
        if code in evidence:
            result.problems.append(f"{where}: {code} stands twice; its evidence is put together")
        spans = evidence.setdefault(code, set())
        for pair in item.get("evidence") or []:
            match pair:
                case [int(start), int(end)] if 0 <= start < end <= len(fields["text"]):
                    spans.add(Span(start, end))
                case _:
                    result.problems.append(
                        f"{where}: evidence for {code} is not [start, end] within the text; it is "
                        "left out, the code is kept"
                    )
    annotations = tuple(
        Annotation(code=code, evidence=mention)
        for code, spans in evidence.items()
        for mention in [*((span,) for span in sorted(spans))] or NOTHING_MARKED
    )
    return Note(id=str(fields["id"]), text=fields["text"], annotations=annotations)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _code(item: Any) -> Code:  # Any: JSON from outside
    if not isinstance(item, dict) or not all(
        isinstance(item.get(key), str) for key in ("system", "code")
    ):
        raise Unusable("a code is not an object with system and code")
    return _parsed(item["system"], item["code"])


@lru_cache(maxsize=50_000)  # a million codes of a large corpus are a few thousand objects
def _parsed(system: str, code: str) -> Code:
    return normalise(CodeSystem.parse(system), code)
