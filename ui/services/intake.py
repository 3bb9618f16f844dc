"""Intake: uploaded files are read and shown first; what the coder wants becomes notes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from core.errors import BadColumns, BadInput, EvicodeError
from core.notes import Format, Limits, Reading, read_notes, sha256_of
from core.notes.apart import read_apart
from core.notes.names import clean
from core.notes.tables import NOTHING_CHOSEN, Chosen
from core.text.language import language_of
from core.types import Note
from db import inbox, notes, unit_of_work
from db.records import Added, InboxRow, Status, StoredNote

__all__ = ["InboxRow", "Intake", "Received", "Understood", "UnderstoodNote"]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLES_BY = "samples"  # who uploaded a sample note
LONGEST_NAME = 200  # characters of a file's name that are kept
FIRST_LINES = 160  # characters of a note in the preview
BEGINNING = 2_000  # characters of the one that is looked at
AT_ONCE = 100  # notes written under one lock, so that coders at work do not wait


@dataclass(frozen=True, kw_only=True)
class UnderstoodNote:
    """A note read from a file and not stored yet."""

    file: str
    format: Format
    note: Note = field(repr=False)
    language: str
    known_as: str | None = None  # the stored, or earlier, note that has the same text

    @property
    def words(self) -> int:
        return len(self.note.text.split())

    @property
    def beginning(self) -> str:
        """The start of the text as it stands, for a closer look."""
        return self.note.text[:BEGINNING]

    @property
    def first_lines(self) -> str:
        """The start of the text on one line, to tell the notes apart."""
        return clean(self.note.text[: 4 * FIRST_LINES])[:FIRST_LINES]


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What was read from one file. Nothing of it is stored."""

    file: str
    format: Format | None = None
    notes: tuple[UnderstoodNote, ...] = ()
    problems: tuple[str, ...] = ()  # rows left out, an encoding assumed
    refused: str | None = None  # why; then there are no notes
    columns: tuple[str, ...] = ()  # of a table: those that can be chosen from
    taken: Mapping[str, str] = field(default_factory=dict)  # our name -> the column that was read


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of one file."""

    file: str
    added: tuple[str, ...] = ()  # names of the new notes
    duplicates: tuple[str, ...] = ()  # names of the notes that hold the same text already
    problems: tuple[str, ...] = ()  # rows left out, an encoding assumed
    refused: str | None = None  # why; then nothing of the file was kept


def outcome(understood: Understood, stored: Iterable[tuple[UnderstoodNote, Added]]) -> Received:
    """What became of one file, by what was stored of it (and of others)."""
    ours = {id(each) for each in understood.notes}  # two files may share a name
    mine = [added for each, added in stored if id(each) in ours]
    return Received(
        file=understood.file,
        added=tuple(added.note.name for added in mine if not added.duplicate),
        duplicates=tuple(added.note.name for added in mine if added.duplicate),
        problems=understood.problems,
        refused=understood.refused,
    )


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Files in, notes kept; and the list of them."""

    engine: Engine
    now: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)

    def understand(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        chosen: Chosen = NOTHING_CHOSEN,
        beside: Iterable[Understood] = (),
    ) -> Iterator[Understood]:
        """Read files one by one, in a child process, so that a page can show how far it is.

        chosen: our name -> the table's, for columns the coder pointed at. beside: what was read
        of the same upload already.
        """
        earlier = [note for each in beside for note in each.notes]
        seen = {sha256_of(each.note.text): each.note.id for each in earlier}
        readings = read_apart(files, limits=self.limits, chosen=chosen)
        for (given, _), reading in zip(files, readings, strict=True):
            name = clean(given)[:LONGEST_NAME]
            if isinstance(reading, BadInput):
                columns = reading.columns if isinstance(reading, BadColumns) else ()
                yield Understood(file=name, refused=str(reading), columns=columns)
            else:
                yield self._understood(name, reading, seen)

    def store(self, wanted: Iterable[UnderstoodNote], *, by: str) -> Iterator[Added]:
        """Keep notes, a hundred at a time; what came before a failure stays stored."""
        waiting = list(wanted)
        for start in range(0, len(waiting), AT_ONCE):
            with unit_of_work(self.engine) as session:
                kept = [
                    notes.add(
                        session,
                        each.note,
                        source=each.file,
                        uploaded_by=by,
                        at=self.now(),
                        language=each.language,
                        format=each.format.value,
                    )
                    for each in waiting[start : start + AT_ONCE]
                ]
            yield from kept

    def receive(self, files: Sequence[tuple[str, bytes]], *, by: str) -> Iterator[Received]:
        """Take files without asking: read each one and store all of its notes."""
        for understood in self.understand(files):
            try:
                stored = list(self.store(understood.notes, by=by))
            except EvicodeError as error:
                yield Received(file=understood.file, refused=str(error))
            else:
                yield outcome(understood, zip(understood.notes, stored, strict=True))

    def load_samples(self, folder: Path = SAMPLES) -> int:
        """Put the sample notes, which are ours and need no child, into an empty database."""
        with unit_of_work(self.engine, write=False) as session:
            if notes.any_there(session):
                return 0
        found = [
            note
            for path in sorted(folder.glob("*.txt"))
            for note in self._understood(
                path.name, read_notes(path.name, path.read_bytes()), {}
            ).notes
        ]
        return sum(not added.duplicate for added in self.store(found, by=SAMPLES_BY))

    def listing(self, status: Status | None = None) -> tuple[InboxRow, ...]:
        """The notes of the inbox in the order they came."""
        with unit_of_work(self.engine, write=False) as session:
            return inbox.rows(session, status=status)

    def note(self, note_id: int) -> StoredNote:
        """One note with its text. BadInput if there is none, or if it was deleted."""
        with unit_of_work(self.engine, write=False) as session:
            return notes.get(session, note_id)

    def _understood(self, name: str, reading: Reading, seen: dict[str, str]) -> Understood:
        digests = [sha256_of(note.text) for note in reading.notes]
        with unit_of_work(self.engine, write=False) as session:
            stored = notes.with_texts(session, digests)
        found = []
        for note, digest in zip(reading.notes, digests, strict=True):
            found.append(
                UnderstoodNote(
                    file=name,
                    format=reading.format,
                    note=note,
                    language=language_of(note.text),
                    known_as=stored.get(digest) or seen.get(digest),
                )
            )
            seen.setdefault(digest, note.id)
        return Understood(
            file=name,
            format=reading.format,
            notes=tuple(found),
            problems=reading.problems,
            refused=None if found else "not one note in it could be read",
            columns=reading.columns,
            taken=reading.taken,
        )
