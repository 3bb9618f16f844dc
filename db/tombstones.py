"""Deletion on request: a note's words go, and a tombstone in the trail says who, when and why.

What goes: text, names and ids of the note, and what people and memory wrote from its words
(`_WORDED`). What stays: codes, times, names of coders, offsets, and the hash of the text. Each
record that lost words is named with its hash before and after, so that `db.verify` goes on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import BadFile, BadInput
from db.erasure_tables import ErasedRow, TombstoneRow
from db.phrase_tables import PhraseEventRow
from db.phrases import carry_over
from db.tables import (
    Base,
    BenefitRow,
    ComputedRow,
    DecisionRow,
    NoteRow,
    ScreenRow,
    SuggestionRow,
    TrailRow,
)
from db.trail import RECORDS, sealed_records
from db.workflow_tables import AuditRow, AuditTurnRow, DetailRow, FindingRow

LONGEST_REASON = 200  # characters
GONE = "deleted"  # where a blank is not allowed

Notes = list[int] | Select[int]
Key = InstrumentedAttribute[int]
Record = tuple[str, int]  # table, id


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """What is left to say of a deleted note. `records`: how many records lost words."""

    note_id: int
    sha256: str
    by: str
    reason: str
    at: datetime
    records: int


@dataclass(frozen=True)
class _Worded:
    """Columns that hold words, and what stands there once they are gone."""

    row: type[Base]
    record: type[Base]  # that the row is, or is a part of
    key: Key  # id of that record
    of: Callable[[Notes], ColumnElement[bool]]
    blank: Mapping[str, str | None]

    @property
    def speaks(self) -> ColumnElement[bool]:
        held = (getattr(self.row, name).is_distinct_from(to) for name, to in self.blank.items())
        return or_(*held)


def _through(
    key: Key, parent: type[ScreenRow | AuditRow]
) -> Callable[[Notes], ColumnElement[bool]]:
    return lambda notes: key.in_(select(parent.id).where(parent.note_id.in_(notes)))


def _reasons(notes: Notes) -> ColumnElement[bool]:
    return DecisionRow.note_id.in_(notes) & DecisionRow.reason.is_not(None)


def _own_words(notes: Notes) -> ColumnElement[bool]:
    """The values of other fields are codes and indicators."""
    return DetailRow.note_id.in_(notes) & DetailRow.field.not_in(["order", "poa"])


_IDENTITY = "external_id encounter_id patient_id age sex birth_date service_date".split()
_WORDED = (
    _Worded(
        *(NoteRow, NoteRow, NoteRow.id, NoteRow.id.in_),
        {"text": "", "source": ""} | dict.fromkeys(_IDENTITY),  # and its name: see `_forget`
    ),
    _Worded(  # "seen in 14 notes" quotes the phrase
        *(SuggestionRow, ScreenRow, SuggestionRow.screen_id),
        _through(SuggestionRow.screen_id, ScreenRow),
        {"provenance": ""},
    ),
    _Worded(DecisionRow, DecisionRow, DecisionRow.id, _reasons, {"reason": GONE}),
    _Worded(DetailRow, DetailRow, DetailRow.id, _own_words, {"value": ""}),
    _Worded(
        *(FindingRow, FindingRow, FindingRow.id),
        _through(FindingRow.audit_id, AuditRow),
        {"comment": ""},
    ),
    _Worded(
        *(AuditTurnRow, AuditTurnRow, AuditTurnRow.id),
        _through(AuditTurnRow.audit_id, AuditRow),
        {"comment": ""},
    ),
    _Worded(  # what memory learned from it and a person switched off or on
        *(PhraseEventRow, PhraseEventRow, PhraseEventRow.id, PhraseEventRow.note_id.in_),
        {"words": "", "phrase": "", "reason": GONE},
    ),
)


TABLES = sorted(
    {str(each.row.__tablename__) for each in _WORDED} | {"benefits", "computed_evidence"}
)


def forget(session: Session, note_id: int, *, by: str, reason: str, at: datetime) -> Tombstone:
    """Delete the words of a note and all that was made of them, and leave a tombstone.

    BadInput if there is no such note, if it was deleted already, or without a reason. BadFile,
    and nothing is deleted, if a record is not what the trail says: it would hide the damage.
    """
    refuse(session, note_id)
    found = select(NoteRow.sha256).where(NoteRow.id == note_id).with_for_update()
    digest = session.scalar(found)
    if digest is None:
        raise BadInput(f"there is no note {note_id}; `python -m db forget` takes its number")
    if not by.strip() or not reason.strip() or len(reason) > LONGEST_REASON:
        raise BadInput(
            f"a deletion needs a name and a reason of at most {LONGEST_REASON} characters; say "
            "which request it follows, and nothing of the patient"
        )
    carry_over(session, note_id, by=by, at=at)
    tomb = TombstoneRow(note_id=note_id, sha256=digest, by=by, reason=reason, at=at)
    session.add(tomb)
    session.flush()  # the triggers let words go only where one stands
    touched = _speaking(session, [note_id])
    connection = session.connection()
    before = _as_chained(connection, touched)
    _blank(session, note_id, at=at)
    after = dict(_sealed(connection, touched))
    session.add_all(
        ErasedRow(tombstone_id=tomb.id, kind=of[0], row_id=of[1], before=was, after=after[of])
        for of, was in before.items()
    )
    session.flush()
    session.expire_all()  # rows read before hold the words
    return _record(tomb, len(before))


def refuse(session: Session, note_id: int) -> None:
    """BadInput, saying since when, if the note was deleted."""
    at = session.scalar(select(TombstoneRow.at).where(TombstoneRow.note_id == note_id))
    if at is not None:
        raise BadInput(f"{name_of(note_id, at)}: its words are gone; choose another note")


def name_of(note_id: int, at: datetime) -> str:
    """What a deleted note is called from then on, here and in every export."""
    return f"note {note_id}, deleted on {at:%Y-%m-%d}"


def of_note(session: Session, note_id: int) -> Tombstone | None:
    """The tombstone of a note; None if it was not deleted."""
    row = session.scalar(select(TombstoneRow).where(TombstoneRow.note_id == note_id))
    if row is None:
        return None
    erased = select(ErasedRow.id).where(ErasedRow.tombstone_id == row.id)
    return _record(row, len(session.scalars(erased).all()))


def digests(session: Session) -> frozenset[str]:
    """SHA-256 of the texts that were deleted."""
    return frozenset(session.scalars(select(TombstoneRow.sha256)))


def is_there() -> ColumnElement[bool]:
    """SQL for "this NoteRow was not deleted"."""
    return NoteRow.id.not_in(select(TombstoneRow.note_id))


def changes(connection: Connection) -> dict[Record, tuple[str, str]]:
    """By record, the hash the trail holds and the one it has since it lost its words."""
    rows = connection.execute(
        select(ErasedRow.kind, ErasedRow.row_id, ErasedRow.before, ErasedRow.after)
    )
    return {(row.kind, row.row_id): (row.before, row.after) for row in rows}


def holding(connection: Connection) -> Record | None:
    """A record of a deleted note that holds words; there should be none."""
    return next(iter(_speaking(connection, select(TombstoneRow.note_id))), None)


def _speaking(session: Session | Connection, notes: Notes) -> list[Record]:
    found: dict[Record, None] = {}
    for worded in _WORDED:
        rows = select(worded.key).where(worded.of(notes), worded.speaks).distinct()
        ids = session.execute(rows.order_by(worded.key)).scalars()
        found |= dict.fromkeys((str(worded.record.__tablename__), row_id) for row_id in ids)
    return list(found)


def _sealed(connection: Connection, records: list[Record]) -> Iterator[tuple[Record, str]]:
    for place, record in enumerate(RECORDS):
        ids = [row_id for kind, row_id in records if kind == record.kind]
        for first in range(0, len(ids), 500):
            for sealed in sealed_records(connection, place, ids=ids[first : first + 500]):
                yield (record.kind, sealed.row_id), sealed.content


def _as_chained(connection: Connection, records: list[Record]) -> dict[Record, str]:
    """The records' hashes, each found to be what the trail says."""
    found = dict(_sealed(connection, records))
    for (kind, row_id), digest in found.items():
        entry = select(TrailRow.content).where(TrailRow.kind == kind, TrailRow.row_id == row_id)
        if connection.scalar(entry) != digest:
            raise BadFile(
                f"{kind} row {row_id} is not what the audit trail says, and nothing was deleted; "
                "run `python -m db verify`"
            )
    return found


def _blank(session: Session, note_id: int, *, at: datetime) -> None:
    for worded in _WORDED:
        values: dict[str, Any] = dict(worded.blank)  # Any: as the columns take them
        if worded.row is NoteRow:
            values["name"] = name_of(note_id, at)
        words = update(worded.row).where(worded.of([note_id]), worded.speaks).values(values)
        session.execute(words, execution_options={"synchronize_session": False})
    for cache in (ComputedRow, BenefitRow):
        session.execute(delete(cache).where(cache.note_id == note_id))


def _record(row: TombstoneRow, records: int) -> Tombstone:
    return Tombstone(
        note_id=row.note_id,
        sha256=row.sha256,
        by=row.by,
        reason=row.reason,
        at=row.at,
        records=records,
    )
