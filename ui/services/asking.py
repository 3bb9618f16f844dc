"""What a browser asks to be shown, read strictly: anything odd is BadInput, never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput
from core.types import Code, CodeSystem, Span
from ui.services.grouping import AskedGroups, read_groups

MOST_CODES = 8  # in one question
MOST_SPANS = 1000  # taken away at once

Evidence = tuple[Code, str]  # a code and a method


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All that a page lacks. It asks again until it has it."""

    evidence: tuple[Evidence, ...] = ()  # the first most of all
    trust: Evidence | None = None  # evidence of which it is to be said how far to trust it
    called_off: Evidence | None = None  # evidence that is no longer wanted
    without: tuple[Span, ...] = ()  # words whose absence is to be supposed
    of_note: int | None = None  # the note these words stand in
    query: tuple[int, str] | None = None  # a search for codes, with the browser's number
    around: Code | None = None  # instead of what matches the query: this code and those around it
    about: Code | None = None  # a code whose notes and relatives are to be shown
    coverage: float | None = None  # the list wanted; None: likely codes
    groups: AskedGroups | None = None  # what the chart groups to


JSON = Mapping[str, Any]  # Any: a message may hold anything


def read_asked(sent: JSON) -> Asked:
    """Read what a message asks for; BadInput if any of it is not what the page sends."""
    try:
        without = _mapping(sent.get("without"))
        return Asked(
            evidence=_evidence(_mapping(sent.get("ask"))),
            trust=next(iter(_evidence(_mapping(sent.get("trust")))), None),
            called_off=next(iter(_evidence(_mapping(sent.get("stop")))), None),
            without=_spans(without.get("spans", ())),
            of_note=int(str(without["note"])) if without else None,
            query=_query(_mapping(sent.get("query"))),
            around=_named(_mapping(sent.get("query")).get("around")),
            about=_named(sent.get("about")),
            coverage=_coverage(sent.get("coverage")),
            groups=read_groups(sent.get("groups")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("the page asked something unreadable; reload it") from error


def _mapping(raw: object) -> JSON:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise TypeError(type(raw).__name__)
    return raw


def _evidence(raw: JSON) -> tuple[Evidence, ...]:
    rows = raw.get("rows", ())
    if not isinstance(rows, list | tuple) or len(rows) > MOST_CODES:
        raise ValueError("not a few rows")
    return tuple((_code(str(row)), str(raw["method"])) for row in rows)


def _named(row: object) -> Code | None:
    if row is None:
        return None
    if not isinstance(row, str):
        raise TypeError(type(row).__name__)
    return _code(row)


def _code(row: str) -> Code:
    system, _, code = row.partition(" ")
    return Code(CodeSystem.parse(system), code)


def _spans(raw: object) -> tuple[Span, ...]:
    if not isinstance(raw, list | tuple) or len(raw) > MOST_SPANS:
        raise ValueError("not a few spans")
    return tuple(Span(int(start), int(end)) for start, end in raw)


def _query(raw: JSON) -> tuple[int, str] | None:
    return (int(str(raw.get("n", 0))), str(raw.get("q", ""))) if raw else None


def _coverage(raw: object) -> float | None:
    return float(raw) if isinstance(raw, int | float) else None
