"""What a reader of a corpus gathers: notes by id, and every line it could not use."""

from dataclasses import dataclass, field
from pathlib import Path

from core.errors import BadFile
from core.types import Note


@dataclass(kw_only=True)
class Read:
    """Notes in the order they were met, and problems that name file and line."""

    notes: dict[str, Note] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, note: Note, where: str) -> None:
        """Keep a note, unless its id was met before."""
        if note.id in self.notes:
            self.problems.append(f"{where}: note id {note.id!r} was met before; the first is kept")
        else:
            self.notes[note.id] = note


def text_of(path: Path) -> str:
    """The exact text of a UTF-8 file, line ends included; BadFile if it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(f"{path} is not UTF-8; save it as UTF-8") from None
