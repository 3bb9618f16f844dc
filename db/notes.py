"""Notes: each text is kept once, under a name that is unique."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, BadNote
from core.types import Encounter, Note, Sex
from db import tombstones
from db.records import Added, StoredNote
from db.tables import NoteRow

AT_ONCE = 500  # values in one IN, below every database's limit


def add(
    session: Session,
    note: Note,
    *,
    source: str,
    uploaded_by: str,
    at: datetime,
    language: str | None = None,
    format: str | None = None,
) -> Added:
    """Store a note and its encounter under its id, or find the one that holds the same text.

    `source` is the uploaded file's name, `format` the kind of file it was read as. If another text
    has the name already, a number is put behind it (`letter (2)`), so that a name never means two.
    """
    if not note.text.strip():
        raise BadNote(f"the note {note.id!r} is empty; upload one with text")
    if "\0" in note.text:  # PostgreSQL keeps none
        raise BadNote(f"the note {note.id!r} holds NUL characters; save it as plain text again")
    digest = _sha256(note)
    known = session.scalar(select(NoteRow).where(NoteRow.sha256 == digest))
    if known is not None:  # what came with it the first time stays: rows never change
        return Added(note=_record(known), duplicate=True)
    row = NoteRow(
        name=_free_name(session, note.id),
        text=note.text,
        sha256=digest,
        characters=len(note.text),
        source=source,
        language=language,
        uploaded_by=uploaded_by,
        created_at=at,
        format=format,
        **_columns(note.encounter),
    )
    session.add(row)
    session.flush()
    return Added(note=_record(row), duplicate=False)


def get(session: Session, note_id: int) -> StoredNote:
    """The note with this id; BadInput if there is none, or if it was deleted."""
    tombstones.refuse(session, note_id)
    return kept(session, note_id)


def kept(session: Session, note_id: int) -> StoredNote:
    """The same for what outlives a note: a deleted one is there without its words."""
    row = session.get(NoteRow, note_id)
    if row is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    return _record(row)


def names(session: Session, note_ids: Iterable[int]) -> dict[int, str]:
    """What these notes are called, deleted ones by what stands in their place."""
    wanted = set(note_ids)  # an IN list has its bounds, the table of names is short
    rows = session.execute(select(NoteRow.id, NoteRow.name))
    return {row.id: row.name for row in rows if row.id in wanted}


def any_there(session: Session) -> bool:
    """Whether a note was ever stored, deleted or not."""
    return session.scalar(select(NoteRow.id).limit(1)) is not None


def id_of(session: Session, note: Note) -> int | None:
    """The id under which this very note, name and text, is kept; None if it is not."""
    try:
        digest = _sha256(note)
    except BadNote:
        return None
    kept = select(NoteRow.id).where(NoteRow.sha256 == digest, NoteRow.name == note.id)
    return session.scalar(kept)


def with_texts(session: Session, sha256: Collection[str]) -> dict[str, str]:
    """SHA-256 -> name of those of the given texts that are stored already."""
    found: dict[str, str] = {}
    wanted = sorted(sha256)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        rows = session.execute(select(NoteRow.sha256, NoteRow.name).where(NoteRow.sha256.in_(part)))
        found |= {row.sha256: row.name for row in rows}
    return found


def named(session: Session, name: str) -> StoredNote | None:
    """The note with this name, or None."""
    row = session.scalar(select(NoteRow).where(NoteRow.name == name))
    return None if row is None else _record(row)


def _sha256(note: Note) -> str:
    try:
        return hashlib.sha256(note.text.encode()).hexdigest()
    except UnicodeEncodeError:
        # "from None": the original error quotes the text
        raise BadNote(
            f"the note {note.id!r} holds half a character (a lone surrogate); "
            "save the file as UTF-8 and upload it again"
        ) from None


def _free_name(session: Session, name: str) -> str:
    wanted = name
    for number in count(2):
        if session.scalar(select(NoteRow.id).where(NoteRow.name == wanted)) is None:
            break
        wanted = f"{name} ({number})"
    return wanted


def _record(row: NoteRow) -> StoredNote:
    return StoredNote(
        id=row.id,
        name=row.name,
        text=row.text,
        sha256=row.sha256,
        characters=row.characters,
        source=row.source,
        language=row.language,
        uploaded_by=row.uploaded_by,
        created_at=row.created_at,
        format=row.format,
        encounter=_encounter(row),
    )


def _columns(encounter: Encounter) -> dict[str, str | int | date | None]:
    facts = asdict(encounter)
    return facts | {"sex": None if encounter.sex is None else encounter.sex.value}


def _encounter(row: NoteRow) -> Encounter:
    return Encounter(
        external_id=row.external_id,
        encounter_id=row.encounter_id,
        patient_id=row.patient_id,
        age=row.age,
        sex=None if row.sex is None else Sex(row.sex),
        birth_date=row.birth_date,
        service_date=row.service_date,
    )
