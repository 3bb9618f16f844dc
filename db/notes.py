"""Notes: each text is kept once, under a name that is unique."""

import hashlib
from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, BadNote
from core.types import Note
from db.records import Added, StoredNote
from db.tables import NoteRow


def add(
    session: Session,
    note: Note,
    *,
    source: str,
    uploaded_by: str,
    at: datetime,
    language: str | None = None,
) -> Added:
    """Store a note under its id, or find the one that already holds the same text.

    `source` is the uploaded file's name. If another text has the name already, a number is put
    behind it (`letter (2)`), so that a name never means two texts.
    """
    if not note.text.strip():
        raise BadNote(f"the note {note.id!r} is empty; upload one with text")
    if "\0" in note.text:  # PostgreSQL keeps none
        raise BadNote(f"the note {note.id!r} holds NUL characters; save it as plain text again")
    digest = _sha256(note)
    known = session.scalar(select(NoteRow).where(NoteRow.sha256 == digest))
    if known is not None:
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
    )
    session.add(row)
    session.flush()
    return Added(note=_record(row), duplicate=False)


def get(session: Session, note_id: int) -> StoredNote:
    """The note with this id; BadInput if there is none."""
    row = session.get(NoteRow, note_id)
    if row is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    return _record(row)


def id_of(session: Session, note: Note) -> int | None:
    """The id under which this very note, name and text, is kept; None if it is not."""
    try:
        digest = _sha256(note)
    except BadNote:
        return None
    kept = select(NoteRow.id).where(NoteRow.sha256 == digest, NoteRow.name == note.id)
    return session.scalar(kept)


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
    )
