"""What happened: any past decision as its coder saw it, compared with now; a chart's timeline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.inference import Coder
from core.types import Code, Suggestion
from db import (
    blindness,
    decisions,
    notes,
    said,
    screens,
    trials,
    unit_of_work,
)
from db.records import Decision, Said, Screen, ShownExplanation, ShownSuggestion, StoredNote
from ui.services.tabular import csv_file
from ui.services.timeline import Event, timeline
from ui.services.wording import moment

__all__ = ["AsShown", "Coder", "Comparison", "Decision", "Event", "History", "Line"]


@dataclass(frozen=True, kw_only=True)
class AsShown:
    """A decision, and the screen it was made on as it was then."""

    note: StoredNote
    decision: Decision
    screen: Screen | None  # None: no suggestions were shown
    evidence: Mapping[int, tuple[ShownExplanation, ...]]  # by suggestion, shown up to then
    said: Mapping[int, Said]  # what was told of evidence up to then, by its id
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
class History:
    """What an auditor asks of the past. Writes nothing. Not for a coder who is to stay blind."""

    engine: Engine

    def as_shown(self, decision_id: int, *, by: str) -> AsShown:
        """The screen of a decision, rebuilt from its record; BadInput if there is no such one.

        BadInput too if it would unblind whoever asks.
        """
        with unit_of_work(self.engine, write=False) as session:
            decision = decisions.get(session, decision_id)
            _stay_blind(session, decision.note_id, by)
            screen, evidence, told, seeds = None, {}, dict[int, Said](), frozenset[int]()
            if decision.screen_id is not None:
                screen = screens.get(session, decision.screen_id)
                seeds = frozenset(trials.seeded(session, [screen.id]))
                for suggestion_id, shown in screens.all_explanations(session, screen).items():
                    before = tuple(e for e in shown if e.shown_at <= decision.decided_at)
                    if before:
                        evidence[suggestion_id] = before
                told = said.on_screen(session, screen, until=decision.decided_at)
            note = notes.kept(session, decision.note_id)
        return AsShown(
            note=note,
            decision=decision,
            screen=screen,
            evidence=evidence,
            said=told,
            seeded=seeds,
        )

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

    def timeline(self, note_id: int, *, by: str) -> tuple[Event, ...]:
        """Everything that happened to a chart, oldest first; renewed claims are left out.

        BadInput if it would unblind whoever asks.
        """
        with unit_of_work(self.engine, write=False) as session:
            _stay_blind(session, note_id, by)
            return timeline(session, note_id)

    def file(self, note_id: int, *, by: str, comments: bool = False) -> bytes:
        """The timeline as CSV; `comments`, which may quote the note, only where asked for."""
        events = self.timeline(note_id, by=by)
        columns: dict[str, list[object]] = {
            "at": [moment(each.at) for each in events],
            "by": [each.by for each in events],
            "what": [each.what for each in events],
            "code": [None if each.code is None else str(each.code) for each in events],
            "coding": [each.coding_pass for each in events],
            "decision": [each.decision for each in events],
        }
        if comments:
            columns["comment"] = [each.comment for each in events]
        return csv_file(columns)


def _stay_blind(session: Session, note_id: int, by: str) -> None:
    """BadInput if their own coding of the note is open and somebody else coded it too."""
    made = decisions.of_note(session, note_id, coding_pass=None)
    for other in sorted({row.coding_pass for row in made if row.coder != by}):
        blindness.refuse_looking(session, note_id, coder=by, coding_pass=other)


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
