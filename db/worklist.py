"""The worklist: who is to code what, how urgently, and who is at it now.

Every change is an event and the latest of its kind holds. A claim that is not renewed runs out by
the clock, without a row; whoever claims holds the note's lock, so that only one can get it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Subquery, func, select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from db import blindness, tombstones
from db.inbox import COUNTED, last_decisions, standing_counts, status_of, turns_of
from db.records import Pass, Status
from db.tables import NoteRow
from db.workflow_records import Assignment, Claim, Priority, Work, WorkEvent, WorkRow
from db.workflow_tables import WorkEventRow

RENEWED_EVERY = timedelta(minutes=1)  # a sign of life within it is not kept: nobody needs it
_HOLDING = ("claimed", "renewed", "released")


def prioritise(session: Session, work: Work, priority: Priority, *, by: str, at: datetime) -> None:
    """Say how urgent a piece of work is."""
    _lock(session, work)
    _keep(session, work, "prioritised", by=by, at=at, priority=int(priority))


def assign(session: Session, work: Work, coder: str | None, *, by: str, at: datetime) -> None:
    """Say who is to do it (None: anyone). A second or adjudicated coding becomes work by this.

    Whoever has the chart keeps it. BadInput if this coder took part in another coding of the note.
    """
    _lock(session, work)
    if coder is not None:
        blindness.refuse_coding(session, work.note_id, coder=coder, coding_pass=work.coding_pass)
    _keep(session, work, "assigned", by=by, at=at, coder=coder)


def claim(session: Session, work: Work, *, coder: str, at: datetime, by: str = "") -> Claim:
    """Take a chart, or renew the claim one has; `by` is who hands it over to this coder.

    Conflict, naming who and since when, if another has it or is to do it; BadInput if this coder
    took part in another coding of the note.
    """
    _lock(session, work)
    blindness.refuse_coding(session, work.note_id, coder=coder, coding_pass=work.coding_pass)
    held = claim_of(session, work, now=at)
    if held is not None and held.coder == coder:
        return _renewed(session, work, held, at=at)
    if held is not None and held.coder != by:
        raise Conflict(
            f"{held.coder} has this chart since {_clock(held.since)} and was last seen at "
            f"{_clock(held.renewed_at)}; choose another, or ask them to hand it over"
        )
    _refuse_assigned(session, work, {coder, by})
    _keep(session, work, "claimed", by=by or coder, at=at, coder=coder)
    return Claim(coder=coder, by=by or coder, since=at, renewed_at=at)


def renew(session: Session, work: Work, *, coder: str, at: datetime) -> Claim:
    """A sign of life of who has the chart; claims it again if time ran out and nobody took it."""
    return claim(session, work, coder=coder, at=at)


def release(session: Session, work: Work, *, by: str, at: datetime) -> None:
    """Let go of a chart, one's own or, as a lead, somebody's; nothing happens if nobody has it."""
    _lock(session, work)
    held = claim_of(session, work, now=at)
    if held is not None:
        _keep(session, work, "released", by=by, at=at, coder=held.coder)


def hand_over(session: Session, work: Work, *, to: str, by: str, at: datetime) -> Claim:
    """Give a chart one has to another coder; Conflict if one does not have it (any more).

    What was assigned to who hands it over is assigned to the other from then on.
    """
    _lock(session, work)
    held = claim_of(session, work, now=at)
    if held is None or held.coder != by:
        has = "nobody has it" if held is None else f"{held.coder} has it"
        raise Conflict(f"this chart is not yours to hand over: {has}; claim it first")
    taken = claim(session, work, coder=to, by=by, at=at)
    assigned = assignment_of(session, work)
    if assigned is not None and assigned.coder == by:
        assign(session, work, to, by=by, at=at)
    return taken


def claim_of(session: Session, work: Work, *, now: datetime) -> Claim | None:
    """Who has this chart, or None."""
    last = session.scalar(_events(work, _HOLDING).limit(1))
    if last is None or last.kind == "released":
        return None
    taken = session.scalars(_events(work, ("claimed",)).limit(1)).one()
    found = Claim(coder=taken.coder or "", by=taken.by, since=taken.at, renewed_at=last.at)
    return found if found.holds(now) else None


def assignment_of(session: Session, work: Work) -> Assignment | None:
    """Who is to do it; None if nobody ever said."""
    row = session.scalar(_events(work, ("assigned",)).limit(1))
    return None if row is None else Assignment(coder=row.coder, by=row.by, at=row.at)


def history(session: Session, note_id: int) -> tuple[WorkEvent, ...]:
    """Everything that happened to the work on a note, oldest first."""
    of_note = select(WorkEventRow).where(WorkEventRow.note_id == note_id).order_by(WorkEventRow.id)
    return tuple(
        WorkEvent(
            work=Work(note_id=row.note_id, coding_pass=Pass(row.coding_pass)),
            kind=row.kind,
            coder=row.coder,
            priority=None if row.priority is None else Priority(row.priority),
            by=row.by,
            at=row.at,
        )
        for row in session.scalars(of_note)
    )


def rows(session: Session, *, now: datetime, coding_pass: Pass = Pass.FIRST) -> tuple[WorkRow, ...]:
    """All work of one pass, most urgent first and oldest first within that; in one query.

    Every note is work for the first pass; for the others only those that were assigned.
    """
    turns, decided = turns_of(coding_pass), last_decisions(coding_pass)
    counts = standing_counts(coding_pass)
    held, taken, assigned, urgent = (
        _latest(coding_pass, kinds)
        for kinds in (_HOLDING, ("claimed",), ("assigned",), ("prioritised",))
    )
    priority = func.coalesce(urgent.c.priority, int(Priority.NORMAL)).label("priority")
    listing = (
        select(
            NoteRow.id,
            NoteRow.name,
            NoteRow.characters,
            NoteRow.created_at,
            status_of(turns, decided).label("status"),
            priority,
            *(func.coalesce(counts.c[name], 0).label(name) for name in COUNTED),
            decided.c.decided_at,
            turns.c.turned_at,
            *_named(held, "held", "kind", "at"),
            *_named(taken, "taken", "coder", "by", "at"),
            *_named(assigned, "assigned", "coder", "by", "at"),
        )
        .outerjoin(turns, turns.c.note_id == NoteRow.id)
        .outerjoin(decided, decided.c.note_id == NoteRow.id)
        .outerjoin(counts, counts.c.note_id == NoteRow.id)
        .outerjoin(held, held.c.note_id == NoteRow.id)
        .outerjoin(taken, taken.c.note_id == NoteRow.id)
        .join(assigned, assigned.c.note_id == NoteRow.id, isouter=coding_pass is Pass.FIRST)
        .outerjoin(urgent, urgent.c.note_id == NoteRow.id)
        .where(tombstones.is_there())
        .order_by(priority.desc(), NoteRow.created_at, NoteRow.id)
    )
    return tuple(_row(found, coding_pass, now) for found in session.execute(listing).mappings())


def _renewed(session: Session, work: Work, held: Claim, *, at: datetime) -> Claim:
    if at - held.renewed_at < RENEWED_EVERY:
        return held
    _keep(session, work, "renewed", by=held.coder, at=at, coder=held.coder)
    return Claim(coder=held.coder, by=held.by, since=held.since, renewed_at=at)


def _refuse_assigned(session: Session, work: Work, askers: set[str]) -> None:
    to = assignment_of(session, work)
    if to is not None and to.coder is not None and to.coder not in askers:
        raise Conflict(
            f"{to.by} assigned this chart to {to.coder} at {_clock(to.at)}; choose another, or "
            "have it assigned to you"
        )


def _lock(session: Session, work: Work) -> None:
    note = select(NoteRow.id).where(NoteRow.id == work.note_id).with_for_update()
    if session.scalar(note) is None:
        raise BadInput(f"there is no note {work.note_id}; go back to the worklist")


def _keep(
    session: Session,
    work: Work,
    kind: str,
    *,
    by: str,
    at: datetime,
    coder: str | None = None,
    priority: int | None = None,
) -> None:
    if not by.strip() or (coder is not None and not coder.strip()):
        raise BadInput("the worklist needs the names of who does it and for whom; enter them")
    session.add(
        WorkEventRow(
            note_id=work.note_id,
            coding_pass=work.coding_pass.value,
            kind=kind,
            coder=coder,
            priority=priority,
            by=by,
            at=at,
        )
    )
    session.flush()


def _events(work: Work, kinds: Sequence[str]) -> Select[WorkEventRow]:
    """Latest first."""
    of_work = select(WorkEventRow).where(
        WorkEventRow.note_id == work.note_id,
        WorkEventRow.coding_pass == work.coding_pass.value,
        WorkEventRow.kind.in_(kinds),
    )
    return of_work.order_by(WorkEventRow.id.desc())


def _latest(coding_pass: Pass, kinds: Sequence[str]) -> Subquery:
    """The latest event of these kinds of each note that has any."""
    last = (
        select(func.max(WorkEventRow.id))
        .where(WorkEventRow.coding_pass == coding_pass.value, WorkEventRow.kind.in_(kinds))
        .group_by(WorkEventRow.note_id)
    )
    return select(WorkEventRow).where(WorkEventRow.id.in_(last)).subquery()


def _named(
    events: Subquery, name: str, *columns: str
) -> list[ColumnElement[Any]]:  # Any: columns of all types
    return [events.c[column].label(f"{name}_{column}") for column in columns]


def _row(found: RowMapping, coding_pass: Pass, now: datetime) -> WorkRow:
    claim = assignment = None
    if found["held_kind"] in ("claimed", "renewed"):
        claim = Claim(
            coder=found["taken_coder"],
            by=found["taken_by"],
            since=found["taken_at"],
            renewed_at=found["held_at"],
        )
    if found["assigned_by"] is not None:
        assignment = Assignment(
            coder=found["assigned_coder"], by=found["assigned_by"], at=found["assigned_at"]
        )
    return WorkRow(
        work=Work(note_id=found["id"], coding_pass=coding_pass),
        name=found["name"],
        characters=found["characters"],
        status=Status(found["status"]),
        priority=Priority(found["priority"]),
        assignment=assignment,
        claim=claim if claim is not None and claim.holds(now) else None,
        created_at=found["created_at"],
        changed_at=max(
            filter(None, (found[each] for each in ("created_at", "decided_at", "turned_at")))
        ),
        **{name: found[name] for name in COUNTED},
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
