"""Insights: what happened, as frames for `core.metrics.insights`. Reads, writes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

import pandas as pd
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.metrics.insights import active_minutes, frame
from core.types import Code
from db import audits, charts, decisions, inbox, screens, trials, unit_of_work
from db.audit_records import GONE, FindingKind
from db.coded import codes_of
from db.records import Action, Decision, Pass, Screen, Turn
from db.standing import standing

__all__ = ["Frames", "Insights"]


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The facts of finished charts; `core.metrics.insights` says what each column means."""

    charts: pd.DataFrame
    decided: pd.DataFrame
    suggested: pd.DataFrame
    finals: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Chart:
    note: int
    coder: str
    finished_at: datetime
    minutes: float
    codes: int


@dataclass(frozen=True, kw_only=True)
class _Decided:
    note: int
    code: str
    coder: str
    checkpoint: str  # hash; empty: no suggestions were shown
    suggested: bool
    given: bool
    overturned: bool


@dataclass(frozen=True, kw_only=True)
class _Suggested:
    note: int
    code: str
    checkpoint: str
    shown_at: datetime
    probability: float
    likely: bool
    right: bool


@dataclass(frozen=True, kw_only=True)
class _Final:
    note: int
    code: str
    shown_at: datetime
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """All that is read of a finished chart."""

    note: int
    made: tuple[Decision, ...]
    codes: frozenset[Code]  # that hold, after audit
    screens: Mapping[int, Screen]
    planted: frozenset[int]
    times: tuple[datetime, ...]
    finished_at: datetime
    coder: str


@dataclass(frozen=True, kw_only=True)
class Insights:
    """What a lead asks of the past."""

    engine: Engine

    def frames(self) -> Frames:
        """Every finished chart. What was planted on purpose counts nowhere."""
        with unit_of_work(self.engine, write=False) as session:
            ids = inbox.finished(session, Pass.FIRST)
            made = decisions.of_notes(session, ids)
            facts = [_facts(session, note_id, made[note_id]) for note_id in sorted(ids)]
        return Frames(
            charts=_frame(_Chart, _charts, facts),
            decided=_frame(_Decided, _decided, facts),
            suggested=_frame(_Suggested, _suggested, facts),
            finals=_frame(_Final, _finals, facts),
        )


R = TypeVar("R", _Chart, _Decided, _Suggested, _Final)


def _frame(
    kind: type[R], build: Callable[[_Facts], Iterable[R]], facts: Iterable[_Facts]
) -> pd.DataFrame:
    rows = (row for each in facts for row in build(each))
    return frame(rows, [column.name for column in fields(kind)])


def _facts(session: Session, note_id: int, made: tuple[Decision, ...]) -> _Facts:
    events = charts.events(session, note_id)
    end = [event for event in events if event.turn is Turn.FINISHED][-1]
    own = [event.at for event in events if event.coder == end.coder]
    own += [row.decided_at for row in made if row.coder == end.coder]
    shown = {screen.id: screen for screen in screens.of_note(session, note_id)}
    return _Facts(
        note=note_id,
        made=made,
        codes=_held(session, note_id, codes_of(made)),
        screens=shown,
        planted=frozenset(trials.seeded(session, shown)),
        times=tuple(at for at in own if at <= end.at),
        finished_at=end.at,
        coder=end.coder,
    )


def _held(session: Session, note_id: int, codes: frozenset[Code]) -> frozenset[Code]:
    """The codes after what auditors found and nobody withdrew or overturned."""
    held = set(codes)
    for audit in audits.every(session, note_id):
        found = audits.findings(session, audit.id)
        states = audits.states(found, audits.events(session, audit.id))
        for each in found:
            if states[each.id] in GONE:
                continue
            if each.kind in (FindingKind.REMOVED, FindingKind.EDITED):
                held.discard(each.code)
            added = each.code if each.kind is FindingKind.ADDED else each.corrected
            held |= {added} - {None} if added is not None else set()
    return frozenset(held)


def _charts(facts: _Facts) -> Iterator[_Chart]:
    yield _Chart(
        note=facts.note,
        coder=facts.coder,
        finished_at=facts.finished_at,
        minutes=active_minutes(facts.times),
        codes=len(facts.codes),
    )


def _decided(facts: _Facts) -> Iterator[_Decided]:
    """What each coder last said of each code in the first coding, held against what holds now."""
    first = [row for row in facts.made if row.coding_pass is Pass.FIRST]
    for coder in sorted({row.coder for row in first}):
        for code, row in standing(_of(first, coder)).items():
            if row.suggestion_id in facts.planted:
                continue
            screen = facts.screens.get(row.screen_id or 0)
            given = row.action is not Action.REJECT
            yield _Decided(
                note=facts.note,
                code=str(code),
                coder=coder,
                checkpoint="" if screen is None else screen.checkpoint_hash,
                suggested=row.suggestion_id is not None,
                given=given,
                overturned=given != (code in facts.codes),
            )


def _of(made: Iterable[Decision], coder: str) -> list[Decision]:
    return [row for row in made if row.coder == coder]


def _list(facts: _Facts) -> Screen | None:
    """The first list its coder was shown: what the model said before it could have learned."""
    own = [screen for screen in facts.screens.values() if screen.coder == facts.coder]
    return own[0] if own else None


def _suggested(facts: _Facts) -> Iterator[_Suggested]:
    screen = _list(facts)
    for each in () if screen is None else screen.suggestions:
        suggestion = each.suggestion
        if screen is not None and suggestion.task == "icd" and each.id not in facts.planted:
            yield _Suggested(
                note=facts.note,
                code=str(suggestion.code),
                checkpoint=screen.checkpoint_hash,
                shown_at=screen.shown_at,
                probability=suggestion.probability,
                likely=suggestion.probability >= screen.thresholds.get("icd", 0.5),
                right=suggestion.code in facts.codes,
            )


def _finals(facts: _Facts) -> Iterator[_Final]:
    screen = _list(facts)
    if screen is None:
        return
    for code in sorted(facts.codes):
        yield _Final(
            note=facts.note,
            code=str(code),
            shown_at=screen.shown_at,
            checkpoint=screen.checkpoint_hash,
        )
