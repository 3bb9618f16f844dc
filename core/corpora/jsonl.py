"""Coded notes as JSON lines: {"id", "text", "codes": [{"system", "code", "evidence": [[s, e]]}]}.

DIR/train.jsonl  DIR/dev.jsonl  DIR/test.jsonl      or one .jsonl file, in a folder or named
"""

import json
from pathlib import Path
from typing import Any

from core.codes.writing import normalise
from core.corpora.reading import Read, text_of
from core.errors import UnknownCode
from core.types import Annotation, Code, CodeSystem, Note, Span

SPLITS = ("train", "dev", "test")
NOTHING_MARKED: list[tuple[Span, ...]] = [()]


def splits(folder: Path) -> tuple[str, ...]:
    """The splits a folder holds by name; a single file is a split by its own name."""
    if folder.is_file():
        return (folder.stem,) if folder.suffix == ".jsonl" else ()
    named = tuple(split for split in SPLITS if (folder / f"{split}.jsonl").exists())
    others = sorted(path.stem for path in folder.glob("*.jsonl"))
    return named or tuple(others if len(others) == 1 else ())


def read(folder: Path, split: str, language: str) -> Read:
    """Read a split; a line that cannot be used is a problem, and the rest goes on."""
    del language  # lines say nothing of it
    path = folder if folder.is_file() else folder / f"{split}.jsonl"
    result = Read()
    # not splitlines(): a note may hold U+2028, which JSON leaves as it is
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        where = f"{path.name}, line {number}"
        if line.strip():
            try:
                result.add(_note(json.loads(line), where, result), where)
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                said = str(error) if isinstance(error, Unusable) else "not a JSON object of a note"
                result.problems.append(f"{where}: {said}")
    return result


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
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _code(item: Any) -> Code:  # Any: JSON from outside
    if not isinstance(item, dict) or not all(
        isinstance(item.get(key), str) for key in ("system", "code")
    ):
        raise Unusable("a code is not an object with system and code")
    return normalise(CodeSystem.parse(item["system"]), item["code"])
