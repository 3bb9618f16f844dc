"""The worklist: what there is to code, for whom, and taking the next chart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from db import unit_of_work, worklist
from db.records import Pass, Status
from db.workflow_records import Claim, Priority, Work, WorkRow

__all__ = ["Claim", "Filter", "Pass", "Priority", "Status", "Work", "WorkRow", "Worklist"]


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

    A chart one has stays one's own for `db.workflow_records.CLAIM_LASTS` after the last sign of
    life; `renew` with every action of its coder.
    """

    engine: Engine
    now: Callable[[], datetime]

    def rows(self, wanted: Filter | None = None) -> tuple[WorkRow, ...]:
        """The lines that pass, most urgent first, then oldest first."""
        wanted = wanted or Filter()
        with unit_of_work(self.engine, write=False) as session:
            found = [row for row in self._all(session, wanted) if wanted.takes(row)]
        return tuple(sorted(found, key=_urgency))

    def claim(self, work: Work, *, coder: str) -> Claim:
        """Take a chart. Conflict, naming who and since when, if another has it."""
        with unit_of_work(self.engine) as session:
            return worklist.claim(session, work, coder=coder, at=self.now())

    def renew(self, work: Work, *, coder: str) -> Claim:
        """A sign of life; Conflict if the time ran out and another has it now."""
        with unit_of_work(self.engine) as session:
            return worklist.renew(session, work, coder=coder, at=self.now())

    def release(self, work: Work, *, by: str) -> None:
        """Let go of a chart, one's own or, as a lead, somebody's."""
        with unit_of_work(self.engine) as session:
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

    def next(self, *, coder: str, after: Work | None = None) -> Work | None:
        """Take the most urgent, then oldest, chart that is free for this coder; None if none is.

        What is assigned to them comes before equally urgent work for anyone. `after`: the chart
        they come from, which is let go of and not offered again.
        """
        open_ones = frozenset({Status.NEW, Status.IN_PROGRESS})
        wanted = Filter(statuses=open_ones, free_for=coder)
        with unit_of_work(self.engine) as session:
            if after is not None:
                _let_go(session, after, coder=coder, at=self.now())
            found = [row for row in self._all(session, wanted) if wanted.takes(row)]
            for row in sorted(found, key=lambda row: _turn(row, coder)):
                if row.work != after and self._takes(session, row.work, coder):
                    return row.work
        return None

    def _takes(self, session: Session, work: Work, coder: str) -> bool:
        try:
            worklist.claim(session, work, coder=coder, at=self.now())
        except (Conflict, BadInput):  # somebody was quicker, or this coder knows the note
            return False
        return True

    def _all(self, session: Session, wanted: Filter) -> list[WorkRow]:
        passes = [each for each in Pass if each in wanted.coding_passes]
        now = self.now()
        return [row for each in passes for row in worklist.rows(session, now=now, coding_pass=each)]


def _urgency(row: WorkRow) -> tuple[int, datetime, int]:
    return -row.priority, row.created_at, row.work.note_id


def _turn(row: WorkRow, coder: str) -> tuple[int, bool, datetime, int]:
    others = row.assignment is None or row.assignment.coder != coder
    return -row.priority, others, row.created_at, row.work.note_id


def _let_go(session: Session, work: Work, *, coder: str, at: datetime) -> None:
    held = worklist.claim_of(session, work, now=at)
    if held is not None and held.coder == coder:
        worklist.release(session, work, by=coder, at=at)
