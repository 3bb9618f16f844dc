"""Which decisions a coder's memory has learned, under one short name."""

import hashlib
from threading import Lock

from core.types import Code, Note


class Lessons:
    """The same decisions give the same name, in whatever order they came."""

    def __init__(self) -> None:
        self._of_note: dict[str, str] = {}
        self._name: str | None = ""
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Made when it is asked for: thousands of notes may be learned at once."""
        with self._lock:
            if self._name is None:
                whole = "\0".join(f"{note} {said}" for note, said in sorted(self._of_note.items()))
                self._name = hashlib.sha256(whole.encode()).hexdigest()[:12] if whole else ""
            return self._name

    def take(self, note: Note, rejected: frozenset[Code]) -> None:
        """Note what was learned of a note, in place of what was learned of it before."""
        said = [f"{each.code} {each.evidence}" for each in note.annotations]
        said += [f"not {code}" for code in rejected]
        with self._lock:
            self._of_note.pop(note.id, None)
            if said:
                digest = hashlib.sha256("\0".join(sorted(said)).encode()).hexdigest()
                self._of_note[note.id] = digest
            self._name = None
