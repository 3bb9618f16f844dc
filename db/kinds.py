"""What became of a code of a note, as every export says it, and which of them are asked for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import ColumnElement, and_, case, exists, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.errors import BadSettings
from core.types import CodeSystem
from db.inbox import is_done
from db.records import Action
from db.tables import DecisionRow, ScreenRow, SuggestionRow

CODES = "icd"  # the task whose suggestions are codes to decide on; the other ranks their categories


class Kind(StrEnum):
    """What became of a code of a note; each row of an export has exactly one."""

    ACCEPTED = "accepted"
    ADDED = "added"  # by a coder, though some list of the note had shown it
    NEVER_SHOWN = "never shown"  # added by a coder; no list of the note had shown it: a miss
    REJECTED = "rejected"
    UNDECIDED = "undecided"  # on a list, and nobody's decision on it stands
    TAKEN_BACK = "taken back"  # the taking back itself; only where all decisions are asked for


DECIDED = frozenset({Kind.ACCEPTED, Kind.ADDED, Kind.NEVER_SHOWN, Kind.REJECTED})
POSITIVE = DECIDED - {Kind.REJECTED}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which codes are asked for. Of an undecided one, coder and time are those of its list."""

    since: datetime | None = None  # decided then or later
    until: datetime | None = None  # and before that
    coder: str | None = None
    finished: bool = True  # only charts that are finished
    note_id: int | None = None  # None: of all notes
    systems: frozenset[CodeSystem] = frozenset()  # none: all
    kinds: frozenset[Kind] = DECIDED
    checkpoint: str | None = None  # how the hash of the one whose list was on screen begins

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise BadSettings("the first day lies after the last; swap the dates")


EVERYTHING = Filter(finished=False)


class Days(TypedDict):
    """The part of a Filter that is about time."""

    since: datetime | None
    until: datetime | None


def days(first: date | None, last: date | None) -> Days:
    """`since` and `until` of a Filter for these days (UTC), the last one included."""
    since = None if first is None else datetime.combine(first, time(), UTC)
    until = None if last is None else datetime.combine(last, time(), UTC) + timedelta(days=1)
    return {"since": since, "until": until}


def kind() -> ColumnElement[str]:
    """SQL for the Kind of a DecisionRow."""
    action = DecisionRow.action
    return case(
        (action == Action.ACCEPT.value, Kind.ACCEPTED.value),
        (action == Action.REJECT.value, Kind.REJECTED.value),
        (action == Action.RETRACT.value, Kind.TAKEN_BACK.value),
        (_was_listed(), Kind.ADDED.value),
        else_=Kind.NEVER_SHOWN.value,
    )


def decided_as(where: Filter) -> ColumnElement[bool]:
    """SQL for "this DecisionRow, of this NoteRow and ScreenRow, is asked for"."""
    wanted = [
        *_within(where, DecisionRow.decided_at, DecisionRow.coder),
        *_of_systems(where, DecisionRow.system),
    ]
    if where.note_id is not None:
        wanted.append(DecisionRow.note_id == where.note_id)
    if not where.kinds >= DECIDED:  # else every decision is asked for, and need not be told apart
        wanted.append(kind().in_([*where.kinds, Kind.TAKEN_BACK]))
    return and_(true(), *wanted)


def listed_as(where: Filter) -> ColumnElement[bool]:
    """SQL for "this SuggestionRow, of this NoteRow and ScreenRow, is asked for"."""
    wanted = [] if where.note_id is None else [ScreenRow.note_id == where.note_id]
    return and_(
        SuggestionRow.task == CODES,
        *_within(where, ScreenRow.shown_at, ScreenRow.coder),
        *_of_systems(where, SuggestionRow.system),
        *wanted,
    )


def _was_listed() -> ColumnElement[bool]:
    """SQL for "a list of the note had the code of this DecisionRow before it"."""
    screen, suggestion = aliased(ScreenRow), aliased(SuggestionRow)
    return exists().where(
        screen.note_id == DecisionRow.note_id,
        screen.shown_at <= DecisionRow.decided_at,
        suggestion.screen_id == screen.id,
        suggestion.task == CODES,
        suggestion.system == DecisionRow.system,
        suggestion.code == DecisionRow.code,
    )


def _within(
    where: Filter, at: InstrumentedAttribute[datetime], coder: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [is_done()] if where.finished else []
    if where.since is not None:
        wanted.append(at >= where.since)
    if where.until is not None:
        wanted.append(at < where.until)
    if where.coder is not None:
        wanted.append(coder == where.coder)
    if where.checkpoint is not None:
        wanted.append(ScreenRow.checkpoint_hash.startswith(where.checkpoint, autoescape=True))
    return wanted


def _of_systems(where: Filter, system: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    return [system.in_(where.systems)] if where.systems else []
