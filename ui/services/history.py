"""What happened: any past decision as its coder saw it, compared with now; a chart's timeline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.inference import Coder
from core.types import Code, Suggestion
from db import (
    audits,
    charts,
    decisions,
    details,
    notes,
    screens,
    tombstones,
    trials,
    unit_of_work,
    worklist,
)
from db.records import Decision, Pass, Screen, ShownExplanation, ShownSuggestion, StoredNote
from db.workflow_records import Field

__all__ = ["AsShown", "Comparison", "Event", "History", "Line"]


@dataclass(frozen=True, kw_only=True)
class AsShown:
    """A decision, and the screen it was made on as it was then."""

    note: StoredNote
    decision: Decision
    screen: Screen | None  # None: no suggestions were shown
    evidence: Mapping[int, tuple[ShownExplanation, ...]]  # by suggestion, shown up to then
    seeded: frozenset[int]  # suggestions that no model made

    @property
    def suggestion(self) -> ShownSuggestion | None:
        """The suggestion that was decided on; None if the code was not on the screen."""
        listed = () if self.screen is None else self.screen.suggestions
        return next((each for each in listed if each.id == self.decision.suggestion_id), None)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A code of the screen, then and now. Ranks count from 1 within a task; None: not listed."""

    code: Code
    title: str
    task: str
    rank_then: int | None
    probability_then: float | None
    rank_now: int | None
    probability_now: float | None
    likely_then: bool
    likely_now: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was shown beside what the model at hand says of the same note now."""

    checkpoint_then: str  # hashes: the same hash gives the same scores
    checkpoint_now: str
    memory_then: str
    memory_now: str
    lines: tuple[Line, ...]  # in the order shown, then what is likely only now

    @property
    def same_model(self) -> bool:
        """Whether neither checkpoint nor memory has changed, so that nothing else may have."""
        then = (self.checkpoint_then, self.memory_then)
        return then == (self.checkpoint_now, self.memory_now)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a chart's timeline. `comment` is a person's own words and may quote the note."""

    at: datetime
    by: str
    what: str
    code: Code | None = None
    coding_pass: Pass | None = None
    comment: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class History:
    """What an auditor asks of the past. Writes nothing. Not for a coder who is to stay blind."""

    engine: Engine

    def as_shown(self, decision_id: int) -> AsShown:
        """The screen of a decision, rebuilt from its record; BadInput if there is no such one."""
        with unit_of_work(self.engine, write=False) as session:
            decision = decisions.get(session, decision_id)
            screen, evidence, seeds = None, {}, frozenset[int]()
            if decision.screen_id is not None:
                screen = screens.get(session, decision.screen_id)
                seeds = frozenset(trials.seeded(session, [screen.id]))
                for suggestion_id, shown in screens.all_explanations(session, screen).items():
                    before = tuple(e for e in shown if e.shown_at <= decision.decided_at)
                    if before:
                        evidence[suggestion_id] = before
            note = notes.kept(session, decision.note_id)
        return AsShown(note=note, decision=decision, screen=screen, evidence=evidence, seeded=seeds)

    def compare(self, shown: AsShown, coder: Coder) -> Comparison | None:
        """What this model says of the note now, code by code; None without a list or a note.

        There is no list if nothing was shown, and no note if it was deleted since.
        Seeded suggestions were no model's and are left out. Categories are ranked among those that
        were shown, as they were then.
        """
        if shown.screen is None or shown.note.deleted:
            return None
        now = coder.suggest(shown.note.as_note())
        then = {e.suggestion.code: e for e in shown.screen.suggestions if e.id not in shown.seeded}
        listed = tuple(each for each in now.ranked if each.task == "icd" or each.code in then)
        ranked = {each.code: (rank, each) for rank, each in _ranks(listed)}
        likely = [
            code
            for code, (_, each) in ranked.items()
            if _is_likely(each, coder.thresholds) and code not in then
        ]
        return Comparison(
            checkpoint_then=shown.screen.checkpoint_hash,
            checkpoint_now=now.checkpoint,
            memory_then=shown.screen.memory,
            memory_now=now.memory,
            lines=tuple(
                _line(then.get(code), ranked.get(code), shown.screen, coder.thresholds)
                for code in [*then, *likely]
            ),
        )

    def timeline(self, note_id: int) -> tuple[Event, ...]:
        """Everything that happened to a chart, oldest first; renewed claims are left out."""
        with unit_of_work(self.engine, write=False) as session:
            found = [event for source in _SOURCES for event in source(session, note_id)]
        return tuple(sorted(found, key=lambda event: event.at))  # stable: sources in their order


def _ranks(ranked: tuple[Suggestion, ...]) -> Iterator[tuple[int, Suggestion]]:
    counts: dict[str, int] = {}
    for each in ranked:
        counts[each.task] = counts.get(each.task, 0) + 1
        yield counts[each.task], each


def _is_likely(suggestion: Suggestion, thresholds: Mapping[str, float]) -> bool:
    return suggestion.probability >= thresholds.get(suggestion.task, 0.5)


def _line(
    then: ShownSuggestion | None,
    now: tuple[int, Suggestion] | None,
    screen: Screen,
    thresholds: Mapping[str, float],
) -> Line:
    rank_then, before = (then.rank, then.suggestion) if then is not None else (None, None)
    rank_now, after = now if now is not None else (None, None)
    known = before or after
    if known is None:
        raise ValueError("a line is of a code that was shown then or is listed now")
    return Line(
        code=known.code,
        title=known.title,
        task=known.task,
        rank_then=rank_then,
        probability_then=None if before is None else before.probability,
        rank_now=rank_now,
        probability_now=None if after is None else after.probability,
        likely_then=before is not None and _is_likely(before, screen.thresholds),
        likely_now=after is not None and _is_likely(after, thresholds),
    )


def _uploads(session: Session, note_id: int) -> Iterator[Event]:
    note = notes.kept(session, note_id)
    yield Event(at=note.created_at, by=note.uploaded_by, what="uploaded the note")


def _deletions(session: Session, note_id: int) -> Iterator[Event]:
    gone = tombstones.of_note(session, note_id)
    if gone is not None:
        yield Event(at=gone.at, by=gone.by, what=f"deleted the note ({gone.reason})")


def _work(session: Session, note_id: int) -> Iterator[Event]:
    words = {
        "assigned": "assigned it to {coder}",
        "claimed": "claimed it for {coder}",
        "released": "let {coder} go of it",
        "prioritised": "made it {priority}",
    }
    for event in worklist.history(session, note_id):
        if event.kind in words:
            urgency = event.priority.name.lower() if event.priority else ""
            yield Event(
                at=event.at,
                by=event.by,
                what=words[event.kind].format(coder=event.coder or "anyone", priority=urgency),
                coding_pass=event.work.coding_pass,
            )


def _turns(session: Session, note_id: int) -> Iterator[Event]:
    for event in charts.events(session, note_id, coding_pass=None):
        what = f"{event.turn} the chart"
        yield Event(at=event.at, by=event.coder, what=what, coding_pass=event.coding_pass)


def _screens(session: Session, note_id: int) -> Iterator[Event]:
    for screen in screens.of_note(session, note_id):
        listed = len(screen.suggestions)
        what = f"was shown {listed} suggestions of {screen.checkpoint} ({screen.checkpoint_hash})"
        yield Event(at=screen.shown_at, by=screen.coder, what=what)


def _decisions(session: Session, note_id: int) -> Iterator[Event]:
    words = {"accept": "accepted", "reject": "rejected", "add": "added", "retract": "took back"}
    for row in decisions.of_note(session, note_id, coding_pass=None):
        yield Event(
            at=row.decided_at,
            by=row.coder,
            what=words[row.action.value] + (f" ({row.reason})" if row.reason else ""),
            code=row.code,
            coding_pass=row.coding_pass,
        )


def _details(session: Session, note_id: int) -> Iterator[Event]:
    names = {Field.ORDER: "the order", Field.POA: "the POA indicator", Field.COMMENT: "a comment"}
    for row in details.of_note(session, note_id, coding_pass=None):
        value = f" to {row.value or 'blank'}" if row.field is Field.POA else ""
        yield Event(
            at=row.at,
            by=row.coder,
            what=f"took back {names[row.field]}"
            if row.retracts
            else f"set {names[row.field]}{value}",
            code=row.code,
            coding_pass=row.coding_pass,
            comment=row.value if row.field is Field.COMMENT else "",
        )


def _audits(session: Session, note_id: int) -> Iterator[Event]:
    for audit in audits.every(session, note_id):
        yield Event(at=audit.at, by=audit.drawn_by, what=f"drew it for audit ({audit.method})")
        codes = {}
        for row in audits.findings(session, audit.id):
            codes[row.id] = row.code
            what, said = f"found: {row.kind}", row.comment
            yield Event(at=row.at, by=row.auditor, what=what, code=row.code, comment=said)
        for turn in audits.events(session, audit.id):
            of = "the audit" if turn.finding_id is None else "a finding"
            code = None if turn.finding_id is None else codes[turn.finding_id]
            what, said = f"{turn.turn} {of}", turn.comment
            yield Event(at=turn.at, by=turn.by, what=what, code=code, comment=said)


def _trials(session: Session, note_id: int) -> Iterator[Event]:
    for event in trials.every(session, note_id=note_id):
        yield Event(at=event.at, by=event.by, what=f"trial of {event.coder}: {event.kind}")


_SOURCES = (_uploads, _work, _turns, _screens, _decisions, _details, _audits, _trials, _deletions)
