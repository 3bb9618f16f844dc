"""Frozen records of who codes what: the worklist, and what is said of codes beyond themselves."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from core.types import Code, CodeSystem
from db.records import Decision, Pass, Status

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
class WorkEvent:
    """A change to the worklist as it was made."""

    work: Work
    kind: str  # prioritised, assigned, claimed, renewed or released
    coder: str | None
    priority: Priority | None
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """A line of the worklist; `claim` is None if nobody has it at the time asked for.

    Status, counts and last change are those of this coding of the note and no other.
    """

    work: Work
    name: str
    characters: int
    status: Status
    priority: Priority
    assignment: Assignment | None
    claim: Claim | None
    accepted: int
    rejected: int
    added: int
    created_at: datetime
    changed_at: datetime

    def free_for(self, coder: str) -> bool:
        """Whether nobody else has it or is to do it."""
        has = None if self.claim is None else self.claim.coder
        due = None if self.assignment is None else self.assignment.coder
        return {has, due} <= {None, coder}


POA = ("Y", "N", "U", "W", "1")  # yes, no, unknown, clinically undetermined, exempt (UB-04)


class Field(StrEnum):
    """What can be said of a code or a chart beyond its codes."""

    ORDER = "order"
    POA = "poa"
    COMMENT = "comment"
    UNRELATED = "unrelated"  # pairs of codes that are two conditions, whatever Excludes1 says


def subject(field: Field, code: Code | None, coder: str) -> tuple[Field, Code | None, str]:
    """What a detail is about. Everyone has comments of their own; the rest is the chart's."""
    return field, code, coder if field is Field.COMMENT else ""


@dataclass(frozen=True, kw_only=True)
class DetailDraft:
    """A detail a coder wants to set. An empty value leaves it blank; the token is as in `Draft`.

    `code` is None for what is said of the whole chart: order, unrelated pairs, a comment on it.
    """

    note_id: int
    field: Field
    code: Code | None
    value: str
    coder: str
    token: str
    coding_pass: Pass = Pass.FIRST
    retracts: bool = False
    replaces: int | None = None  # id of the detail taken back, or set again


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A detail as it was set or taken back; `sequence` counts the details of its note from 1."""

    id: int
    note_id: int
    coding_pass: Pass
    sequence: int
    field: Field
    code: Code | None
    value: str = dataclasses.field(repr=False)  # a comment may quote the note
    coder: str
    token: str
    at: datetime
    retracts: bool
    replaces: int | None

    @property
    def subject(self) -> tuple[Field, Code | None, str]:
        return subject(self.field, self.code, self.coder)

    @property
    def order(self) -> tuple[Code, ...]:
        """The codes in order; empty for other fields."""
        if self.field is not Field.ORDER:
            return ()
        return tuple(Code(CodeSystem(system), code) for system, code in json.loads(self.value))

    @property
    def unrelated(self) -> frozenset[frozenset[Code]]:
        """The pairs of unrelated codes; empty for other fields."""
        if self.field is not Field.UNRELATED:
            return frozenset()
        return frozenset(
            frozenset(Code(CodeSystem(system), code) for system, code in pair)
            for pair in json.loads(self.value or "[]")  # blank once the note was deleted
        )


@dataclass(frozen=True, kw_only=True)
class CodedCode:
    """A code of a chart with all that is said of it."""

    code: Code
    title: str
    decision: Decision
    poa: str = ""
    comments: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)  # by author


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A chart as coded: its accepted and added codes in their order."""

    codes: tuple[CodedCode, ...]
    principal: Code | None  # None: not chosen, or what was chosen stands no longer
    unrelated: frozenset[frozenset[Code]] = frozenset()  # pairs that Excludes1 does not mean
    comments: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
