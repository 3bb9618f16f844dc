"""What a browser asks to have done, read strictly: anything odd is BadInput, never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.errors import BadInput
from core.types import Code, CodeSystem, Span

MOST_INTENTS = 200  # in one message
MOST_MARKS = 20

REASONS = (
    "not supported by the note",
    "negated or ruled out",
    "history only",
    "more specific code exists",
    "duplicate",
    "other",
)
LESS_SPECIFIC, OTHER = REASONS[3], REASONS[5]


class Kind(StrEnum):
    """What a coder can do on the review page."""

    ACCEPT = "accept"
    REJECT = "reject"
    ADD = "add"
    CHANGE = "change"  # reject a code and add another in its place
    RETRACT = "retract"
    UNDO = "undo"
    REDO = "redo"
    FINISH = "finish"
    REOPEN = "reopen"


ON_A_CODE = frozenset({Kind.ACCEPT, Kind.REJECT, Kind.ADD, Kind.CHANGE, Kind.RETRACT})


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One thing a coder did. The token makes a repeat of it harmless."""

    token: str
    kind: Kind
    note_id: int
    screen_id: int | None
    code: Code | None = None
    instead: Code | None = None  # what a change puts in its place
    reason: str | None = None
    marks: tuple[Span, ...] = ()
    seen: int = 0  # last decision on the coder's screen
    after: frozenset[str] = frozenset()  # tokens the same browser sent since then
    method: str | None = None  # of the evidence on screen


def read_intents(raw: object) -> tuple[Intent, ...]:
    """Read a browser's list of intents; BadInput if any of it is not what the page sends."""
    if not isinstance(raw, list) or len(raw) > MOST_INTENTS:
        raise BadInput("the page sent something unreadable; reload it and decide again")
    return tuple(map(_read, raw))


def _read(raw: object) -> Intent:
    try:
        if not isinstance(raw, Mapping):
            raise TypeError(type(raw).__name__)
        kind = Kind(str(raw["kind"]))
        return Intent(
            token=str(UUID(str(raw["token"]))),
            kind=kind,
            note_id=int(raw["note"]),
            screen_id=None if raw.get("screen") is None else int(raw["screen"]),
            code=_code(raw) if kind in ON_A_CODE else None,
            instead=_code(raw["instead"]) if kind is Kind.CHANGE else None,
            reason=_reason(raw.get("reason")) if kind is Kind.REJECT else None,
            marks=tuple(Span(int(start), int(end)) for start, end in raw.get("marks", ()))[
                :MOST_MARKS
            ],
            seen=int(raw.get("seen", 0)),
            after=frozenset(map(str, raw.get("after", ()))),
            method=None if raw.get("method") is None else str(raw["method"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("the page sent something unreadable; reload it and decide again") from error


def _code(raw: object) -> Code:
    if not isinstance(raw, Mapping):
        raise TypeError(type(raw).__name__)
    return Code(CodeSystem.parse(str(raw["system"])), str(raw["code"]))


def _reason(raw: object) -> str:
    if raw not in REASONS:
        raise ValueError("not one of the reasons")
    return str(raw)
