"""The inbox: every note with how far its chart is, in one query however many notes there are.

How far a chart is, is how far its first coding is; the counts are of what holds (`standing.final`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Subquery, case, func, select
from sqlalchemy.orm import Session

from db import tombstones
from db.decisions import stands
from db.records import Action, InboxRow, Pass, Status, Turn
from db.tables import ChartEventRow, DecisionRow, NoteRow

_CHUNK = 200  # notes read at a time; keeps memory flat
COUNTED = {"accepted": Action.ACCEPT, "rejected": Action.REJECT, "added": Action.ADD}


def rows(
    session: Session, *, status: Status | None = None, limit: int | None = None, offset: int = 0
) -> tuple[InboxRow, ...]:
    """Notes in the order they were uploaded: all, or those of one status."""
    counts, last, turns = standing_counts(), last_decisions(), turns_of()
    found = status_of(turns, last)
    listing = (
        select(
            NoteRow.id.label("note_id"),
            NoteRow.name,
            NoteRow.characters,
            NoteRow.created_at,
            found.label("status"),
            *(func.coalesce(counts.c[name], 0).label(name) for name in COUNTED),
            last.c.decided_at,
            turns.c.turned_at,
        )
        .outerjoin(counts, counts.c.note_id == NoteRow.id)
        .outerjoin(last, last.c.note_id == NoteRow.id)
        .outerjoin(turns, turns.c.note_id == NoteRow.id)
        .where(tombstones.is_there())
        .order_by(NoteRow.id)
        .limit(limit)
        .offset(offset)
    )
    if status is not None:
        listing = listing.where(found == status.value)
    return tuple(
        InboxRow(
            note_id=row.note_id,
            name=row.name,
            characters=row.characters,
            status=Status(row.status),
            accepted=row.accepted,
            rejected=row.rejected,
            added=row.added,
            created_at=row.created_at,
            changed_at=max(filter(None, (row.created_at, row.decided_at, row.turned_at))),
        )
        for row in session.execute(listing)
    )


def texts(session: Session, *, open_only: bool = False) -> Iterator[tuple[str, str]]:
    """Name and text of every note, or of those whose charts are not done, oldest first. Streams."""
    each = select(NoteRow.name, NoteRow.text).where(tombstones.is_there()).order_by(NoteRow.id)
    if open_only:
        each = each.where(~is_done())
    for row in session.execute(each.execution_options(yield_per=_CHUNK)):
        yield row.name, row.text


def totals(session: Session) -> Mapping[Status, int]:
    """How many notes there are of each status, zeros included."""
    last, turns = last_decisions(), turns_of()
    found = status_of(turns, last).label("status")
    each = (
        select(found, func.count())
        .select_from(NoteRow)
        .outerjoin(last, last.c.note_id == NoteRow.id)
        .outerjoin(turns, turns.c.note_id == NoteRow.id)
        .where(tombstones.is_there())
        .group_by(found)
    )
    counted = Counter({Status(status): number for status, number in session.execute(each)})
    return {status: counted[status] for status in Status}


def finished(session: Session, coding_pass: Pass) -> frozenset[int]:
    """The notes of which this coding is done."""
    turns = turns_of(coding_pass)
    done = select(turns.c.note_id).where(turns.c.finished > turns.c.reopened)
    return frozenset(session.scalars(done))


def is_done() -> ColumnElement[bool]:
    """SQL for "the chart of this NoteRow is done"."""
    turns = turns_of()
    return NoteRow.id.in_(select(turns.c.note_id).where(turns.c.finished > turns.c.reopened))


def standing_counts(coding_pass: Pass | None = None) -> Subquery:
    """note_id, accepted, rejected, added: decisions of each note that has any.

    Those that hold for the chart, or those that stand in one coding of it.
    """
    return (
        select(
            DecisionRow.note_id,
            *(
                func.sum(case((DecisionRow.action == action.value, 1), else_=0)).label(name)
                for name, action in COUNTED.items()
            ),
        )
        .where(stands(coding_pass))
        .group_by(DecisionRow.note_id)
        .subquery()
    )


def last_decisions(coding_pass: Pass = Pass.FIRST) -> Subquery:
    """note_id, decided_at: when somebody last decided in this coding of the note."""
    last = func.max(DecisionRow.decided_at).label("decided_at")
    of_pass = select(DecisionRow.note_id, last).where(DecisionRow.coding_pass == coding_pass.value)
    return of_pass.group_by(DecisionRow.note_id).subquery()


def turns_of(coding_pass: Pass = Pass.FIRST) -> Subquery:
    """note_id, when it last turned, and the ids of its last finish and reopening (0: never)."""

    def last(turn: Turn) -> ColumnElement[int]:
        return func.max(case((ChartEventRow.turn == turn.value, ChartEventRow.id), else_=0))

    return (
        select(
            ChartEventRow.note_id,
            func.max(ChartEventRow.at).label("turned_at"),
            last(Turn.FINISHED).label("finished"),
            last(Turn.REOPENED).label("reopened"),
        )
        .where(ChartEventRow.coding_pass == coding_pass.value)
        .group_by(ChartEventRow.note_id)
        .subquery()
    )


def status_of(turns: Subquery, last: Subquery) -> ColumnElement[str]:
    """SQL for the status of a NoteRow that both subqueries are joined to."""
    return case(
        (turns.c.finished > turns.c.reopened, Status.DONE.value),
        (turns.c.note_id.is_not(None), Status.IN_PROGRESS.value),
        (last.c.note_id.is_not(None), Status.IN_PROGRESS.value),
        else_=Status.NEW.value,
    )
