"""Deciding: what a coder does to a chart, written down one unit of work at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput, EvicodeError
from core.types import Code, Explanation
from db import charts, decisions, details, notes, screens, unit_of_work, worklist
from db.begun import refuse_another_model
from db.coded import coded
from db.records import Action, Decision, Draft, Pass, Screen, Status, Turn
from db.standing import part, redoable_step, standing, step_of, undoable_step
from db.workflow_records import Detail, Work
from ui.services import saying
from ui.services.checking import Checking
from ui.services.failures import logged
from ui.services.intents import LESS_SPECIFIC, OTHER, Intent, Kind
from ui.services.lookup import more_specific
from ui.services.tables import Tables

_TURNS = {Kind.FINISH: Turn.FINISHED, Kind.REOPEN: Turn.REOPENED}
ABOUT_A_CHART = frozenset(_TURNS)  # and not about its codes
_DECIDES = {Kind.ACCEPT: Action.ACCEPT, Kind.REJECT: Action.REJECT, Kind.ADD: Action.ADD}


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """Does what intents ask, each in its own transaction."""

    engine: Engine
    tables: Tables
    now: Callable[[], datetime]
    coding_pass: Pass
    claims: bool
    checking: Checking | None = None  # None: a chart is finished as it is

    def apply(self, intents: Sequence[Intent], *, coder: str) -> dict[str, str | None]:
        """Do them in order: per token None once it is kept, or why it is not."""
        return {intent.token: self._attempt(intent, coder) for intent in intents}

    def do(self, intent: Intent, *, coder: str) -> None:
        """Do one, kept when this returns; raises what keeps it from being done."""
        with unit_of_work(self.engine) as session:
            self._do(session, intent, coder)

    def _attempt(self, intent: Intent, coder: str) -> str | None:
        try:
            self.do(intent, coder=coder)
        except EvicodeError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  (the coder must learn it was not kept)
            return f"something went wrong (id {logged(error)}); reload the page and decide again"
        return None

    def _do(self, session: Session, intent: Intent, coder: str) -> None:
        work = Work(note_id=intent.note_id, coding_pass=self.coding_pass)
        if self.claims:
            worklist.claim(session, work, coder=coder, at=self.now())
        if (turn := _TURNS.get(intent.kind)) is not None:
            if turn is Turn.FINISHED and self.checking is not None:
                self._refuse_errors(session, intent.note_id, self.checking)
            self._turn(session, intent.note_id, turn, coder)
            if self.claims and turn is Turn.FINISHED:
                worklist.release(session, work, by=coder, at=self.now())
            return
        past = self._past(session, intent.note_id)
        said = details.of_note(session, intent.note_id, coding_pass=self.coding_pass)
        if intent.token in {row.token for row in past} | {row.token for row in said}:
            return
        if self._status(session, intent.note_id) is Status.DONE:
            raise BadInput("this chart is finished; reopen it to change its codes")
        if self._says(session, intent, coder, past, said):
            return
        if intent.kind in _DECIDES:
            self._decide(session, intent, coder, past)
        elif intent.kind is Kind.CHANGE:
            for each in self._changed(intent, standing(past)):
                self._decide(session, each, coder, past)
        else:
            _take_back(session, intent, coder, past, at=self.now())

    def _changed(self, intent: Intent, holds: Mapping[Code, Decision]) -> tuple[Intent, Intent]:
        """A change as the two decisions that are made and taken back together.

        The evidence of the one goes with the other, unless the coder marked some for it.
        """
        code, other = intent.code, intent.instead
        if code is None or other is None or code == other:
            raise BadInput("a change needs another code; choose one")
        marked = intent.marks or (holds[code].evidence if code in holds else ())
        kept = holds[other].evidence if other in holds else ()
        reason = LESS_SPECIFIC if more_specific(self.tables, other, code) else OTHER
        return (
            replace(intent, kind=Kind.REJECT, reason=reason, marks=()),
            replace(
                intent,
                kind=Kind.ADD,
                code=other,
                token=part(intent.token, 1),
                marks=tuple(dict.fromkeys((*marked, *kept))),
            ),
        )

    def _decide(
        self, session: Session, intent: Intent, coder: str, past: Sequence[Decision]
    ) -> None:
        code = intent.code
        if code is None:
            raise BadInput("a decision needs a code; choose one")
        screen = None if intent.screen_id is None else screens.get(session, intent.screen_id)
        if screen is not None:
            refuse_another_model(session, screen, coding_pass=self.coding_pass)
        suggestion_id = suggestion_id_of(screen, code)
        title = _shown_title(screen, code) or self._known_title(code)
        action = _DECIDES[intent.kind]
        if suggestion_id is not None:
            _show_last(session, suggestion_id, intent, at=self.now())
            action = Action.ACCEPT if action is Action.ADD else action
        draft = Draft(
            note_id=intent.note_id,
            code=code,
            title=title,
            action=action,
            coder=coder,
            token=intent.token,
            reason=intent.reason,
            screen_id=intent.screen_id,
            suggestion_id=suggestion_id,
            evidence=intent.marks,
            coding_pass=self.coding_pass,
        )
        decisions.append(session, draft, seen=_seen(intent, code, past), at=self.now())

    def _known_title(self, code: Code) -> str:
        title = self.tables.title(code)
        if title is None:
            raise BadInput(f"{code} is in no code table; search for another")
        return title

    def _turn(self, session: Session, note_id: int, turn: Turn, coder: str) -> None:
        charts.record(
            session, note_id, turn, coder=coder, at=self.now(), coding_pass=self.coding_pass
        )

    def _says(
        self,
        session: Session,
        intent: Intent,
        coder: str,
        past: Sequence[Decision],
        said: Sequence[Detail],
    ) -> bool:
        """Do it if it concerns a detail, not a decision; whether it did."""
        if intent.kind in saying.OF_DETAILS:
            of, at = self.coding_pass, self.now()
            saying.say(session, intent, said, coder=coder, coding_pass=of, at=at)
            return True
        detail = saying.steps_on(intent, past, said, coder=coder)
        if detail is not None:
            saying.take_back(session, intent, detail, said, coder=coder, at=self.now())
        return detail is not None

    def _refuse_errors(self, session: Session, note_id: int, checking: Checking) -> None:
        """BadInput if the checks find errors on the chart as it stands now."""
        chart = coded(
            decisions.of_note(session, note_id, coding_pass=None),
            details.of_note(session, note_id, coding_pass=None),
            coding_pass=self.coding_pass,
        )
        found = checking.check_coded(chart, notes.get(session, note_id).encounter)
        if found.blocks:
            raise BadInput(found.why)

    def _past(self, session: Session, note_id: int) -> tuple[Decision, ...]:
        return decisions.of_note(session, note_id, coding_pass=self.coding_pass)

    def _status(self, session: Session, note_id: int) -> Status:
        return charts.status(session, note_id, coding_pass=self.coding_pass)


def _take_back(
    session: Session, intent: Intent, coder: str, past: Sequence[Decision], *, at: datetime
) -> None:
    """Undo, redo, or take back the decision on one code."""
    step: tuple[Decision, ...]
    if intent.kind is Kind.RETRACT:
        target = standing(past).get(intent.code) if intent.code else None
        step = () if target is None else (target,)
    else:
        find = undoable_step if intent.kind is Kind.UNDO else redoable_step
        step = find(past, coder=coder)
    if not step:
        raise BadInput(f"there is nothing to {intent.kind}; the chart is as you see it")
    write = decisions.again if intent.kind is Kind.REDO else decisions.retract
    for place, decision in enumerate(step):
        seen = _seen(intent, decision.code, past)
        token = part(intent.token, place)
        write(session, decision, coder=coder, token=token, seen=seen, at=at)


def _seen(intent: Intent, code: Code, past: Sequence[Decision]) -> int:
    """What the coder has seen of a code: what stood on the screen, and what they did since."""
    newer = [row for row in past if row.code == code and row.sequence > intent.seen]
    if newer and all(step_of(row.token) in intent.after for row in newer):
        return newer[-1].sequence
    return intent.seen


def _show_last(session: Session, suggestion_id: int, intent: Intent, *, at: datetime) -> None:
    """Record anew the evidence that is on screen, if other evidence was shown since."""
    past = screens.explanations(session, suggestion_id)
    on_screen = [each for each in past if each.method == intent.method]
    if on_screen and on_screen[-1] != past[-1] and intent.code is not None:
        last = on_screen[-1]
        again = Explanation(
            code=intent.code, method=last.method, tokens=(), spans=last.spans, delta=last.delta
        )
        screens.record_explanation(session, again, suggestion_id=suggestion_id, at=at)


def suggestion_id_of(screen: Screen | None, code: Code) -> int | None:
    """The id under which a screen shows a code; None if it does not."""
    found = [] if screen is None else screen.suggestions
    return next((e.id for e in found if e.suggestion.code == code), None)


def _shown_title(screen: Screen | None, code: Code) -> str | None:
    found = [] if screen is None else screen.suggestions
    return next((e.suggestion.title for e in found if e.suggestion.code == code), None)
