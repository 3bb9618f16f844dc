"""Which decisions and edits a coder's memory has learned, under one short name."""

import hashlib
from threading import Lock

from core.memory import NO_EDITS, Edits
from core.types import Code, Note


class Lessons:
    """The same decisions and edits give the same name, in whatever order they came."""

    def __init__(self) -> None:
        self._of_note: dict[str, int] = {}  # digest of what was learned of a note
        self._sum = 0  # of all digests: the same whatever came first
        self._edits = NO_EDITS
        self._name: str | None = ""
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Made when it is asked for: thousands of notes may be learned at once."""
        with self._lock:
            if self._name is None:
                learned = bool(self._of_note or self._edits.said)
                whole = "\0".join((f"{self._sum:x}", *self._edits.said))
                self._name = hashlib.sha256(whole.encode()).hexdigest()[:12] if learned else ""
            return self._name

    def take(self, note: Note, rejected: frozenset[Code]) -> None:
        """Note what was learned of a note, in place of what was learned of it before."""
        said = [f"{each.code} {each.evidence}" for each in note.annotations]
        said += [f"not {code}" for code in rejected]
        with self._lock:
            self._sum -= self._of_note.pop(note.id, 0)
            if said:
                whole = "\0".join((note.id, *sorted(said)))
                digest = int.from_bytes(hashlib.sha256(whole.encode()).digest())
                self._of_note[note.id] = digest
                self._sum += digest
            self._name = None

    def edit(self, edits: Edits) -> None:
        """Note the edits that hold, in place of those before."""
        with self._lock:
            self._edits = edits
            self._name = None
