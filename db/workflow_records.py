"""Frozen records of the worklist: who is to code what, and who is at it now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from db.records import Pass, Status

CLAIM_LASTS = timedelta(minutes=15)  # without a sign of life


class Priority(IntEnum):
    """How urgent a piece of work is; what nobody prioritised is normal."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


@dataclass(frozen=True, kw_only=True)
class Work:
    """One coding of one note: what is to be done, as `db.worklist` keeps apart and locks it."""

    note_id: int
    coding_pass: Pass = Pass.FIRST


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Who is to do it (None: anyone), by whose word, since when."""

    coder: str | None
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who has a chart now. `renewed_at` is the last sign of life."""

    coder: str
    by: str  # another name: it was handed over
    since: datetime
    renewed_at: datetime

    def ends(self) -> datetime:
        """When it runs out unless it is renewed."""
        return self.renewed_at + CLAIM_LASTS

    def holds(self, now: datetime) -> bool:
        return now < self.ends()


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """A line of the worklist; `claim` is None if nobody has it at the time asked for."""

    work: Work
    name: str
    characters: int
    status: Status
    priority: Priority
    assignment: Assignment | None
    claim: Claim | None
    created_at: datetime
