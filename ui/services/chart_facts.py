"""Finished charts as rows of frames: `core.metrics.insights` says what each column means."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

import pandas as pd
from sqlalchemy.orm import Session

from core.codes.chapters import chapter
from core.metrics.insights import active_minutes, frame
from core.types import Code
from db import audits, decisions, facts, inbox
from db.audit_records import GONE, Finding, FindingKind
from db.coded import codes_of
from db.facts import Listed, Shown, Turned
from db.records import Action, Decision, Pass, Turn
from db.standing import standing


@dataclass(frozen=True, kw_only=True)
class _Chart:
    note: int
    coder: str
    checkpoint: str  # hash; empty: no suggestions were shown
    finished_at: datetime
    minutes: float
    codes: int


@dataclass(frozen=True, kw_only=True)
class _Decided:
    note: int
    code: str
    coder: str
    checkpoint: str
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
    chapter: str
    shown_at: datetime
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class ChartFacts:
    """All that is read of a finished chart."""

    note: int
    made: tuple[Decision, ...]
    codes: frozenset[Code]  # that hold, after audit
    screens: Mapping[int, Shown]
    list: Shown | None  # the first its coder was shown: before the model could have learned
    listed: tuple[Listed, ...]
    planted: frozenset[int]
    times: tuple[datetime, ...]
    finished_at: datetime
    coder: str


def charts(found: Iterable[ChartFacts]) -> pd.DataFrame:
    """A row for each chart."""
    return _frame(_Chart, _charts, found)


def decided(found: Iterable[ChartFacts]) -> pd.DataFrame:
    """A row for what each coder last said of each code."""
    return _frame(_Decided, _decided, found)


def suggested(found: Iterable[ChartFacts]) -> pd.DataFrame:
    """A row for each suggestion of the first list its coder was shown."""
    return _frame(_Suggested, _suggested, found)


def finals(found: Iterable[ChartFacts]) -> pd.DataFrame:
    """A row for each code that holds, of charts that had a list."""
    return _frame(_Final, _finals, found)


R = TypeVar("R", _Chart, _Decided, _Suggested, _Final)


def _frame(
    kind: type[R], build: Callable[[ChartFacts], Iterable[R]], found: Iterable[ChartFacts]
) -> pd.DataFrame:
    rows = (row for each in found for row in build(each))
    return frame(rows, [column.name for column in fields(kind)])


def read(session: Session) -> list[ChartFacts]:
    """The facts of every chart whose first coding is finished, in bulk."""
    ids = sorted(inbox.finished(session, Pass.FIRST))
    made, turns = decisions.of_notes(session, ids), facts.turns(session, ids)
    screens, planted = facts.shown(session, ids), facts.planted(session)
    ends = {note: [t for t in turns[note] if t.turn is Turn.FINISHED][-1] for note in ids}
    first = {
        note: next((each for each in screens[note] if each.coder == ends[note].coder), None)
        for note in ids
    }
    listed = facts.listed(session, [each.id for each in first.values() if each is not None])
    found = _findings(session)
    return [
        ChartFacts(
            note=note,
            made=made[note],
            codes=_held(codes_of(made[note]), found.get(note, [])),
            screens={each.id: each for each in screens[note]},
            list=own,
            listed=tuple(listed[own.id]) if own is not None else (),
            planted=planted,
            times=tuple(_own_times(turns[note], made[note], ends[note])),
            finished_at=ends[note].at,
            coder=ends[note].coder,
        )
        for note, own in first.items()
    ]


def _own_times(
    turns: Iterable[Turned], made: Iterable[Decision], end: Turned
) -> Iterator[datetime]:
    """Signs of life of whoever finished the chart, until they did."""
    own = [each.at for each in turns if each.coder == end.coder]
    own += [row.decided_at for row in made if row.coder == end.coder]
    return (at for at in own if at <= end.at)


def _findings(session: Session) -> Mapping[int, list[Finding]]:
    """What auditors found in each note and nobody withdrew or overturned, oldest first."""
    kept: dict[int, list[Finding]] = defaultdict(list)
    for audit in audits.every(session):
        found = audits.findings(session, audit.id)
        states = audits.states(found, audits.events(session, audit.id))
        kept[audit.note_id] += [each for each in found if states[each.id] not in GONE]
    return kept


def _held(codes: Collection[Code], found: Iterable[Finding]) -> frozenset[Code]:
    """The codes after what auditors found."""
    held = set(codes)
    for each in found:
        if each.kind in (FindingKind.REMOVED, FindingKind.EDITED):
            held.discard(each.code)
        added = each.code if each.kind is FindingKind.ADDED else each.corrected
        held |= {added} if added is not None else set()
    return frozenset(held)


def _charts(chart: ChartFacts) -> Iterator[_Chart]:
    yield _Chart(
        note=chart.note,
        coder=chart.coder,
        checkpoint="" if chart.list is None else chart.list.checkpoint_hash,
        finished_at=chart.finished_at,
        minutes=active_minutes(chart.times),
        codes=len(chart.codes),
    )


def _decided(chart: ChartFacts) -> Iterator[_Decided]:
    """What each coder last said of each code in the first coding, held against what holds now."""
    first = [row for row in chart.made if row.coding_pass is Pass.FIRST]
    for coder in sorted({row.coder for row in first}):
        for code, row in standing(_of(first, coder)).items():
            if row.suggestion_id in chart.planted:
                continue
            screen = chart.screens.get(row.screen_id or 0)
            given = row.action is not Action.REJECT
            yield _Decided(
                note=chart.note,
                code=str(code),
                coder=coder,
                checkpoint="" if screen is None else screen.checkpoint_hash,
                suggested=row.suggestion_id is not None,
                given=given,
                overturned=given != (code in chart.codes),
            )


def _of(made: Iterable[Decision], coder: str) -> list[Decision]:
    return [row for row in made if row.coder == coder]


def _suggested(chart: ChartFacts) -> Iterator[_Suggested]:
    if chart.list is None:
        return
    held = {str(code) for code in chart.codes}
    for each in chart.listed:
        code = f"{each.system} {each.code}"
        yield _Suggested(
            note=chart.note,
            code=code,
            checkpoint=chart.list.checkpoint_hash,
            shown_at=chart.list.shown_at,
            probability=each.probability,
            likely=each.probability >= chart.list.likely_from,
            right=code in held,
        )


def _finals(chart: ChartFacts) -> Iterator[_Final]:
    if chart.list is None:
        return
    for code in sorted(chart.codes):
        yield _Final(
            note=chart.note,
            code=str(code),
            chapter=chapter(code),
            shown_at=chart.list.shown_at,
            checkpoint=chart.list.checkpoint_hash,
        )
