"""What memory is to learn before it scores: edits, and decisions on notes, in a private file.

First a line of edits: {"off": [[words, system, code], ..], "added": [[language, words, system,
code], ..]}. Then a line a note: {"id", "text", "given": [[system, code, [[start, end], ..]], ..],
"rejected": [[system, code], ..]}. What is read is exactly what was written, in the same order, so
that memory has the same name and gives the same answers as where it came from.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from core.errors import BadFile
from core.inference import Coder
from core.memory.edits import NO_EDITS, Edits, SitePhrase
from core.types import Annotation, Code, CodeSystem, Note, Span

Decided = tuple[Note, frozenset[Code]]  # with what was accepted or added, and what was rejected


def write_lessons(file: TextIO, decided: Iterable[Decided], edits: Edits = NO_EDITS) -> int:
    """Write the edits, then what was decided, a line a note; how many notes there were."""
    off = [(key, code.system.value, code.code) for key, code in sorted(edits.off)]
    added = [(e.language, e.key, e.code.system.value, e.code.code) for e in sorted(edits.added)]
    file.write(json.dumps({"off": off, "added": added}) + "\n")
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


def teach(coder: Coder, path: Path) -> None:
    """Let the memory of a coder learn what was written. BadFile if the file is no such thing."""
    edits = read_edits(path)
    coder.learn_all(read_lessons(path))
    coder.edit(edits)


def read_edits(path: Path) -> Edits:
    """The edits that were written. BadFile if the file is no such thing."""
    with _readable(path), path.open(encoding="utf-8") as file:
        return _edits(json.loads(file.readline()))


def read_lessons(path: Path) -> Iterator[Decided]:
    """The decisions that were written. BadFile if the file is no such thing."""
    with _readable(path), path.open(encoding="utf-8") as file:
        for line in islice(file, 1, None):
            yield _decided(json.loads(line))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError):  # "from None": the line is a note's
        raise BadFile(f"{path} holds no lessons; delete its folder and begin anew") from None


def _edits(fields: dict[str, Any]) -> Edits:  # Any: JSON
    return Edits(
        off=frozenset(
            (tuple(key), Code(CodeSystem(system), code)) for key, system, code in fields["off"]
        ),
        added=frozenset(
            SitePhrase(language=language, key=tuple(key), code=Code(CodeSystem(system), code))
            for language, key, system, code in fields["added"]
        ),
    )


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
