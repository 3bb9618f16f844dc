"""Feedback: what coders decided on notes, as JSON lines.

    {"id", "text", "codes": [{"system", "code", "evidence"}], "rejected": [{"system", "code"}]}

codes were accepted or added, with the words marked for them. Of a code that stands in neither list
nothing is known: nobody may have been shown it. `db export --format feedback` writes this.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.corpora import jsonl
from core.corpora.reading import Read
from core.errors import BadFile
from core.types import Code, Note


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A note with the codes accepted or added on it, and those rejected. Others: not known."""

    note: Note
    rejected: frozenset[Code] = frozenset()


def held_out(name: str) -> bool:
    """Whether the note of this name is never learned from, but kept to compare models on.

    A fifth of all names, the same in every run and for ever: a model that was taught by a note
    would seem better on it than it is.
    """
    return hashlib.sha256(name.encode()).digest()[0] % 5 == 0


def read_feedback(path: Path) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """The lessons of a file, and what in it could not be used. BadFile if that is everything."""
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give feedback as JSON lines (see the README)")
    result, rejected = Read(), dict[str, frozenset[Code]]()
    for where, note, fields in jsonl.notes_of(path, result):
        no = jsonl.codes_of(fields.get("rejected"), where, result)
        both = sorted(no & note.codes)
        if both:
            result.problems.append(f"{where}: {both[0]} is given and rejected; it is left out")
            no -= note.codes
        rejected.setdefault(note.id, no)
        result.add(note, where)
    if not result.notes:
        why = next(iter(result.problems), "it is empty")
        raise BadFile(f"{path} holds no usable note: {why}")
    lessons = (Lesson(note=n, rejected=rejected[n.id]) for n in result.notes.values())
    return tuple(lessons), tuple(result.problems)
