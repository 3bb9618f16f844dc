"""What memory is to learn before it scores: decisions on notes, as lines of a private file.

One line a note: {"id", "text", "given": [[system, code, [[start, end], ..]], ..], "rejected":
[[system, code], ..]}. What is read is exactly what was written, in the same order, so that memory
has the same name and gives the same answers as where the decisions came from.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from core.errors import BadFile
from core.types import Annotation, Code, CodeSystem, Note, Span

Decided = tuple[Note, frozenset[Code]]  # with what was accepted or added, and what was rejected


def write_lessons(file: TextIO, decided: Iterable[Decided]) -> int:
    """Write what was decided, a line a note; how many there were."""
    count = 0
    for note, rejected in decided:
        given = [
            (each.code.system.value, each.code.code, [(s.start, s.end) for s in each.evidence])
            for each in note.annotations
        ]
        no = sorted((code.system.value, code.code) for code in rejected)
        fields = {"id": note.id, "text": note.text, "given": given, "rejected": no}
        file.write(json.dumps(fields) + "\n")
        count += 1
    return count


def read_lessons(path: Path) -> Iterator[Decided]:
    """What was written. BadFile if the file is no such thing."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield _decided(json.loads(line))
    except (OSError, ValueError, KeyError, TypeError):  # "from None": the line is a note's
        raise BadFile(f"{path} holds no lessons; delete its folder and begin anew") from None


def _decided(fields: dict[str, Any]) -> Decided:  # Any: JSON
    annotations = tuple(
        Annotation(
            code=Code(CodeSystem(system), code),
            evidence=tuple(Span(start, end) for start, end in spans),
        )
        for system, code, spans in fields["given"]
    )
    rejected = frozenset(Code(CodeSystem(system), code) for system, code in fields["rejected"])
    return Note(id=fields["id"], text=fields["text"], annotations=annotations), rejected
