"""The worklist: what there is to code, for whom, and taking the next chart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict, NotAllowed
from db import blindness, charts, unit_of_work, worklist
from db.records import Pass, Status
from db.workflow_records import CLAIM_LASTS, Claim, Priority, Work, WorkRow
from db.worklist import RENEWED_EVERY
from ui.services.blinding import visible

__all__ = [
    "CLAIM_LASTS",
    "CODINGS",
    "RENEWED_EVERY",
    "Claim",
    "Filter",
    "Order",
    "Pass",
    "Priority",
    "Status",
    "Work",
    "WorkRow",
    "Worklist",
]


class Order(StrEnum):
    """What comes first among equally urgent charts; the value stands in the address."""

    URGENT = "urgent"  # the oldest
    LEARNING = "learning"  # what was begun, then the chart that would teach most


CODINGS = frozenset({Pass.FIRST, Pass.SECOND})  # adjudication has a page of its own
OPEN = frozenset({Status.NEW, Status.IN_PROGRESS})


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which lines of the worklist to show; what is left out is not asked for."""

    statuses: frozenset[Status] = frozenset(Status)
    coding_passes: frozenset[Pass] = frozenset(Pass)
    priority: Priority = Priority.LOW  # at least
    assigned_to: str | None = None
    claimed_by: str | None = None
    free_for: str | None = None  # nobody else has it or is to do it
    name: str = ""  # part of the note's name, whatever its case

    def takes(self, row: WorkRow) -> bool:
        claimed = None if row.claim is None else row.claim.coder
        assigned = None if row.assignment is None else row.assignment.coder
        return (
            row.status in self.statuses
            and row.work.coding_pass in self.coding_passes
            and row.priority >= self.priority
            and self.assigned_to in (None, assigned)
            and self.claimed_by in (None, claimed)
            and (self.free_for is None or row.free_for(self.free_for))
            and self.name.casefold() in row.name.casefold()
        )


@dataclass(frozen=True, kw_only=True)
class Worklist:
    """What coders and leads do with the worklist. Each call is one unit of work.

    A chart one has stays one's own for CLAIM_LASTS after the last sign of life; `open` it again
    with every action of its coder. Without `claims` (one coder alone) nobody has to have a chart.
    """

    engine: Engine
    now: Callable[[], datetime]
    passes: frozenset[Pass] = CODINGS  # the codings that who asks may do
    claims: bool = True
    places: Callable[[], Mapping[int, int]] = dict  # of notes, by what coding them would teach

    def rows(
        self, wanted: Filter | None = None, *, order: Order = Order.URGENT
    ) -> tuple[WorkRow, ...]:
        """The lines that pass, most urgent first, then in this order; blind to nothing."""
        wanted = wanted or Filter()
        with unit_of_work(self.engine, write=False) as session:
            found = self._all(session, wanted.coding_passes)
        return self._in_order(filter(wanted.takes, found), order)

    def listing(self, *, coder: str, order: Order = Order.URGENT) -> tuple[WorkRow, ...]:
        """What this coder may see of the list in the same order: no coding blind to another."""
        return self._in_order(self._seen_by(coder), order)

    def look(self, note_id: int, *, coder: str) -> None:
        """Whether this coder may see what stands on a note: NotAllowed if that would unblind them.

        Who also codes a second time, blind, sees the first coding only after taking part in it.
        """
        if Pass.SECOND not in self.passes or not self.claims:
            return
        with unit_of_work(self.engine, write=False) as session:
            if note_id not in blindness.took_part(session, coder, Pass.FIRST):
                raise NotAllowed(
                    f"{coder} may not see what stands on a note they could still code blind; open "
                    "its chart first, which leaves the second coding to somebody else"
                )

    def open(self, work: Work, *, coder: str) -> Claim | None:
        """Take a chart as it is opened, or show a sign of life; None where nobody has to have it.

        Nobody has a finished chart. Conflict, naming who and since when, if another has it;
        BadInput if nobody asked for this second coding.
        """
        if not self.claims:
            return None
        with unit_of_work(self.engine) as session:
            if charts.status(session, work.note_id, coding_pass=work.coding_pass) is Status.DONE:
                return None
            if work.coding_pass is Pass.SECOND and worklist.assignment_of(session, work) is None:
                raise BadInput("nobody asked for a second coding of this chart; choose another")
            return worklist.claim(session, work, coder=coder, at=self.now())

    def claim(self, work: Work, *, coder: str) -> Claim:
        """Take a chart. Conflict, naming who and since when, if another has it."""
        with unit_of_work(self.engine) as session:
            return worklist.claim(session, work, coder=coder, at=self.now())

    def renew(self, work: Work, *, coder: str) -> Claim:
        """A sign of life; Conflict if the time ran out and another has it now."""
        with unit_of_work(self.engine) as session:
            return worklist.renew(session, work, coder=coder, at=self.now())

    def release(self, work: Work, *, by: str) -> None:
        """Let go of a chart one has. Conflict if another has it: that is for a lead to free."""
        with unit_of_work(self.engine) as session:
            held = worklist.claim_of(session, work, now=self.now())
            if held is not None and held.coder != by:
                raise Conflict(f"{held.coder} has this chart; ask them, or a lead, to let go of it")
            worklist.release(session, work, by=by, at=self.now())

    def free(self, works: Iterable[Work], *, by: str) -> None:
        """Take charts back from whoever has them; their next action there is refused."""
        with unit_of_work(self.engine) as session:
            for work in works:
                worklist.release(session, work, by=by, at=self.now())

    def hand_over(self, work: Work, *, to: str, by: str) -> Claim:
        """Give a chart one has to another coder."""
        with unit_of_work(self.engine) as session:
            return worklist.hand_over(session, work, to=to, by=by, at=self.now())

    def assign(self, works: Iterable[Work], coder: str | None, *, by: str) -> None:
        """Say who is to do these (None: anyone): all of them, or on an error none."""
        with unit_of_work(self.engine) as session:
            for work in works:
                worklist.assign(session, work, coder, by=by, at=self.now())

    def prioritise(self, works: Iterable[Work], priority: Priority, *, by: str) -> None:
        """Say how urgent these are."""
        with unit_of_work(self.engine) as session:
            for work in works:
                worklist.prioritise(session, work, priority, by=by, at=self.now())

    def next(
        self, *, coder: str, after: Work | None = None, order: Order = Order.URGENT
    ) -> Work | None:
        """Take the most urgent, then oldest, chart that is free for this coder; None if none is.

        What is assigned to them comes before equally urgent work for anyone; `order` says what
        comes first then, where it is not to be the oldest. `after`: the chart they come from,
        which is let go of once there is another. One they leave unfinished is passed over, and the
        list goes round: else two such charts would lead to each other.
        """
        wanted = Filter(statuses=OPEN, free_for=coder if self.claims else None)
        ordered = self._in_order(self._seen_by(coder), order)
        rows = sorted(ordered, key=lambda row: _turn(row, coder))
        waiting = [row.work for row in _going_round(rows, after) if wanted.takes(row)]
        if not self.claims:
            return next(iter(waiting), None)
        at = self.now()
        with unit_of_work(self.engine) as session:  # they were read without holding others up
            for work in waiting:
                if _takes(session, work, coder=coder, at=at):
                    if after is not None:
                        _let_go(session, after, coder=coder, at=at)
                    return work
        return None

    def _in_order(self, rows: Iterable[WorkRow], order: Order) -> tuple[WorkRow, ...]:
        found = sorted(rows, key=_urgency)
        if order is Order.LEARNING:
            places = self.places()
            found.sort(key=lambda row: (-row.priority, *_teaching(row, places)))
        return tuple(found)

    def _seen_by(self, coder: str) -> list[WorkRow]:
        with unit_of_work(self.engine, write=False) as session:
            found = self._all(session, self.passes)
            if Pass.SECOND not in self.passes:
                return found
            took_part = {each: blindness.took_part(session, coder, each) for each in CODINGS}
        return visible(found, took_part, coder=coder)

    def _all(self, session: Session, passes: Iterable[Pass]) -> list[WorkRow]:
        now, asked = self.now(), [each for each in Pass if each in passes]
        return [row for each in asked for row in worklist.rows(session, now=now, coding_pass=each)]


def _urgency(row: WorkRow) -> tuple[int, datetime, int]:
    return -row.priority, row.created_at, row.work.note_id


def _teaching(row: WorkRow, places: Mapping[int, int]) -> tuple[int, int]:
    """What was begun, then new charts by their place, those without one behind; then what is done.

    Places are of first codings; a second one is of a note that was coded.
    """
    last = len(places)
    first = row.work.coding_pass is Pass.FIRST
    return _STAGES.index(row.status), places.get(row.work.note_id, last) if first else last + 1


_STAGES = (Status.IN_PROGRESS, Status.NEW, Status.DONE)


def _turn(row: WorkRow, coder: str) -> tuple[int, bool]:
    others = row.assignment is None or row.assignment.coder != coder
    return -row.priority, others


def _going_round(rows: Sequence[WorkRow], after: Work | None) -> list[WorkRow]:
    """All but the chart somebody comes from; what follows it first if they leave it unfinished."""
    place = next((at for at, row in enumerate(rows) if row.work == after), None)
    if place is None:
        return list(rows)
    following = [*rows[place + 1 :], *rows[:place]]
    return following if rows[place].status in OPEN else [*rows[:place], *rows[place + 1 :]]


def _takes(session: Session, work: Work, *, coder: str, at: datetime) -> bool:
    try:
        worklist.claim(session, work, coder=coder, at=at)
    except (Conflict, BadInput):  # somebody was quicker, or this coder knows the note
        return False
    return True


def _let_go(session: Session, work: Work, *, coder: str, at: datetime) -> None:
    held = worklist.claim_of(session, work, now=at)
    if held is not None and held.coder == coder:
        worklist.release(session, work, by=coder, at=at)
