"""What coding a note next may teach, kept so that a long worklist need not be read anew.

A cache: what is missing is computed again, and what was computed before memory learned more is
replaced in its turn. It holds numbers, no text, and goes with its note.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from db import tombstones
from db.tables import BenefitRow, ChartEventRow, DecisionRow, NoteRow


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was computed of one note with one checkpoint, and what memory had learned by then."""

    note_id: int
    checkpoint_hash: str
    memory: str
    content: str  # JSON of its maker
    at: datetime


def every(session: Session, checkpoint_hash: str) -> tuple[Kept, ...]:
    """All that is kept for a checkpoint, by note; of charts begun since too."""
    of_checkpoint = select(BenefitRow).where(BenefitRow.checkpoint_hash == checkpoint_hash)
    return tuple(map(_kept, session.scalars(of_checkpoint.order_by(BenefitRow.note_id))))


def keep(session: Session, computed: Iterable[Kept]) -> None:
    """Keep these in place of what was kept of their notes; a note deleted meanwhile is left out."""
    for each in computed:
        gone = (
            BenefitRow.note_id == each.note_id,
            BenefitRow.checkpoint_hash == each.checkpoint_hash,
        )
        session.execute(delete(BenefitRow).where(*gone))
        there = select(NoteRow.id).where(NoteRow.id == each.note_id, tombstones.is_there())
        if session.scalar(there.with_for_update()) is not None:
            session.add(
                BenefitRow(
                    note_id=each.note_id,
                    checkpoint_hash=each.checkpoint_hash,
                    memory=each.memory,
                    content=each.content,
                    computed_at=each.at,
                )
            )
            session.flush()


def not_begun(session: Session) -> frozenset[int]:
    """The notes whose charts nobody began, in whatever coding."""
    return frozenset(session.scalars(select(NoteRow.id).where(*_FRESH)))


def waiting(
    session: Session, checkpoint_hash: str, *, memory: str, before: datetime, limit: int
) -> tuple[int, ...]:
    """Of these notes, those to compute next: what is missing, then what is old, the oldest first.

    Old is what was computed before this time, and before memory learned what it knows now.
    """
    old = and_(BenefitRow.memory != memory, BenefitRow.computed_at < before)
    of_checkpoint = and_(
        BenefitRow.note_id == NoteRow.id, BenefitRow.checkpoint_hash == checkpoint_hash
    )
    found = (
        select(NoteRow.id)
        .outerjoin(BenefitRow, of_checkpoint)
        .where(*_FRESH, or_(BenefitRow.id.is_(None), old))
        .order_by(BenefitRow.id.is_not(None), BenefitRow.id, NoteRow.id)
        .limit(limit)
    )
    return tuple(session.scalars(found))


def _kept(row: BenefitRow) -> Kept:
    return Kept(
        note_id=row.note_id,
        checkpoint_hash=row.checkpoint_hash,
        memory=row.memory,
        content=row.content,
        at=row.computed_at,
    )


_FRESH = (
    tombstones.is_there(),
    NoteRow.id.not_in(select(ChartEventRow.note_id)),
    NoteRow.id.not_in(select(DecisionRow.note_id)),
)
