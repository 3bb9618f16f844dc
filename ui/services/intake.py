"""Intake: uploaded files become notes in the database; what was refused is named, and why."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from core.errors import EvicodeError
from core.notes import read_notes
from db import inbox, notes, unit_of_work
from db.records import InboxRow, Status

__all__ = ["InboxRow", "Intake", "Received"]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLES_BY = "samples"  # who uploaded a sample note


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of one file."""

    file: str
    added: tuple[str, ...] = ()  # names of the new notes
    duplicates: tuple[str, ...] = ()  # names of the notes that hold the same text already
    problems: tuple[str, ...] = ()  # rows left out, an encoding assumed
    refused: str | None = None  # why; then nothing of the file was kept


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Files in, notes kept; and the list of them."""

    engine: Engine
    now: Callable[[], datetime]

    def receive(self, files: Sequence[tuple[str, bytes]], *, by: str) -> Iterator[Received]:
        """Take files one by one, so that a page can show how far it is."""
        for name, data in files:
            yield self._receive(name, data, by=by)

    def load_samples(self, folder: Path = SAMPLES) -> int:
        """Put the sample notes into an empty database; how many."""
        with unit_of_work(self.engine, write=False) as session:
            if inbox.rows(session, limit=1):
                return 0
        files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.txt"))]
        return sum(len(each.added) for each in self.receive(files, by=SAMPLES_BY))

    def listing(self, status: Status | None = None) -> tuple[InboxRow, ...]:
        """The notes of the inbox in the order they came."""
        with unit_of_work(self.engine, write=False) as session:
            return inbox.rows(session, status=status)

    def _receive(self, name: str, data: bytes, *, by: str) -> Received:
        try:
            reading = read_notes(name, data)
            with unit_of_work(self.engine) as session:
                kept = [
                    notes.add(session, note, source=name, uploaded_by=by, at=self.now())
                    for note in reading.notes
                ]
        except EvicodeError as error:
            return Received(file=name, refused=str(error))
        return Received(
            file=name,
            added=tuple(each.note.name for each in kept if not each.duplicate),
            duplicates=tuple(each.note.name for each in kept if each.duplicate),
            problems=reading.problems,
        )
