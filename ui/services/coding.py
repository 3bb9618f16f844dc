"""Coding one chart: open it with its suggestions, and write what the coder does to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput, EvicodeError
from core.inference import Coder
from core.types import Code, Explanation, Note
from db import charts, decisions, inbox, notes, screens, unit_of_work
from db.records import Action, Decision, Draft, Screen, ShownExplanation, Status, StoredNote, Turn
from db.standing import redoable, standing, undoable
from ui.services.charts import Chart, Opened, chart, shown
from ui.services.failures import logged
from ui.services.intents import Intent, Kind
from ui.services.tables import Tables, about

METHODS = ("attention", "integrated_gradients")
_DECIDES = {Kind.ACCEPT: Action.ACCEPT, Kind.REJECT: Action.REJECT, Kind.ADD: Action.ADD}


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Everything a coder does with a chart. Each call is one unit of work."""

    engine: Engine
    coder: Coder | None  # None: there is no usable checkpoint
    tables: Tables
    version: str
    now: Callable[[], datetime]

    def open(self, note_id: int, *, coder: str) -> Opened:
        """Open a chart: what this coder was shown last if that still holds, else afresh.

        A screen is kept with its evidence before it is shown.
        """
        with unit_of_work(self.engine, write=False) as session:
            note = notes.get(session, note_id)
            screen = screens.latest(session, note_id, coder=coder)
        if self.coder is not None and not self._holds(screen):
            screen = self._show(note, self.coder, coder)
        with unit_of_work(self.engine) as session:
            charts.record(session, note_id, Turn.OPENED, coder=coder, at=self.now())
            explanations = {} if screen is None else _explanations(session, screen)
        shown_ones = [each.suggestion for each in (screen.suggestions if screen else ())]
        return Opened(
            note=note,
            screen=screen,
            methods=self._methods(),
            explanations=explanations,
            known={each.code: about(self.tables, each.code, each.title) for each in shown_ones},
        )

    def chart(self, opened: Opened, *, coder: str) -> Chart:
        """The chart as it stands now, whoever decided on it."""
        with unit_of_work(self.engine, write=False) as session:
            made = decisions.of_note(session, opened.note.id)
            status = charts.status(session, opened.note.id)
        return chart(opened, made, status=status, coder=coder, tables=self.tables)

    def apply(self, intents: Sequence[Intent], *, coder: str) -> dict[str, str | None]:
        """Do what the coder asked, in order: per token None once it is kept, or why it is not.

        Each intent is its own transaction; asking again with the same token changes nothing.
        """
        return {intent.token: self._attempt(intent, coder) for intent in intents}

    def next_note(self, note_id: int) -> int | None:
        """The next chart in the inbox that is not done, going round; None if all are."""
        with unit_of_work(self.engine, write=False) as session:
            waiting = [
                row.note_id
                for row in inbox.rows(session)
                if row.status is not Status.DONE and row.note_id != note_id
            ]
        return next((other for other in waiting if other > note_id), next(iter(waiting), None))

    def first_note(self) -> int | None:
        """The first chart in the inbox that is not done, or the first of all; None if empty."""
        with unit_of_work(self.engine, write=False) as session:
            rows = inbox.rows(session)
        waiting = [row.note_id for row in rows if row.status is not Status.DONE]
        return next(iter([*waiting, *(row.note_id for row in rows)]), None)

    def keep_explanation(self, opened: Opened, explanation: Explanation) -> Opened:
        """Keep evidence that is about to be shown, and the opened chart with it."""
        suggestion_id = _suggestion_id(opened.screen, explanation.code)
        if suggestion_id is None:
            return opened
        with unit_of_work(self.engine) as session:
            kept = screens.record_explanation(
                session, explanation, suggestion_id=suggestion_id, at=self.now()
            )
        known = {**opened.explanations, (explanation.code, explanation.method): kept}
        return replace(opened, explanations=known)

    def _methods(self) -> tuple[str, ...]:
        if self.coder is None:
            return ()
        first = self.coder.default_method
        return METHODS if first == "attention" else (first,)

    def _holds(self, screen: Screen | None) -> bool:
        return (
            screen is not None
            and self.coder is not None
            and (screen.checkpoint_hash, screen.app_version)
            == (self.coder.checkpoint, self.version)
        )

    def _show(self, stored: StoredNote, model: Coder, coder: str) -> Screen:
        note = stored.as_note()
        suggestions = model.suggest(note)
        codes = shown(suggestions.of("icd"), model.thresholds.get("icd", 0.5))
        wanted = {suggestion.category for suggestion in codes}
        categories = tuple(s for s in suggestions.of("ccs") if s.code in wanted)
        evidence = self._evidence(model, note, [suggestion.code for suggestion in codes])
        with unit_of_work(self.engine) as session:
            screen = screens.record(
                session,
                replace(suggestions, ranked=codes + categories),
                note_id=stored.id,
                coder=coder,
                checkpoint=model.name,
                thresholds=model.thresholds,
                app_version=self.version,
                at=self.now(),
            )
            ids = {each.suggestion.code: each.id for each in screen.suggestions}
            for each in evidence:
                screens.record_explanation(
                    session, each, suggestion_id=ids[each.code], at=self.now()
                )
        return screen

    def _evidence(self, model: Coder, note: Note, codes: Sequence[Code]) -> tuple[Explanation, ...]:
        """Attention for every code at once; slower methods wait until somebody asks."""
        if model.default_method != "attention":
            return ()
        return model.explain(note, codes, method="attention")

    def _attempt(self, intent: Intent, coder: str) -> str | None:
        try:
            with unit_of_work(self.engine) as session:
                self._do(session, intent, coder)
        except EvicodeError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  (the coder must learn it was not kept)
            return f"something went wrong (id {logged(error)}); reload the page and decide again"
        return None

    def _do(self, session: Session, intent: Intent, coder: str) -> None:
        if intent.kind in (Kind.FINISH, Kind.REOPEN):
            turn = Turn.FINISHED if intent.kind is Kind.FINISH else Turn.REOPENED
            charts.record(session, intent.note_id, turn, coder=coder, at=self.now())
            return
        past = decisions.of_note(session, intent.note_id)
        if any(decision.token == intent.token for decision in past):
            return
        if charts.status(session, intent.note_id) is Status.DONE:
            raise BadInput("this chart is finished; reopen it to change its codes")
        if intent.kind in _DECIDES:
            self._decide(session, intent, coder, past)
        else:
            _take_back(session, intent, coder, past, at=self.now())

    def _decide(
        self, session: Session, intent: Intent, coder: str, past: Sequence[Decision]
    ) -> None:
        code = intent.code
        if code is None:
            raise BadInput("a decision needs a code; choose one")
        screen = None if intent.screen_id is None else screens.get(session, intent.screen_id)
        suggestion_id = _suggestion_id(screen, code)
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
        )
        decisions.append(session, draft, seen=_seen(intent, code, past), at=self.now())

    def _known_title(self, code: Code) -> str:
        title = self.tables.title(code)
        if title is None:
            raise BadInput(f"{code} is in no code table; search for another")
        return title


def _take_back(
    session: Session, intent: Intent, coder: str, past: Sequence[Decision], *, at: datetime
) -> None:
    """Undo, redo, or take back the decision on one code."""
    if intent.kind is Kind.RETRACT:
        target = standing(past).get(intent.code) if intent.code else None
    else:
        find = undoable if intent.kind is Kind.UNDO else redoable
        target = find(past, coder=coder)
    if target is None:
        raise BadInput(f"there is nothing to {intent.kind}; the chart is as you see it")
    seen = _seen(intent, target.code, past)
    if intent.kind is Kind.RETRACT:
        decisions.retract(session, target, coder=coder, token=intent.token, seen=seen, at=at)
    else:
        do = decisions.undo if intent.kind is Kind.UNDO else decisions.redo
        do(session, intent.note_id, coder=coder, token=intent.token, seen=seen, at=at)


def _seen(intent: Intent, code: Code, past: Sequence[Decision]) -> int:
    """What the coder has seen of a code: what stood on the screen, and what they did since."""
    newer = [row for row in past if row.code == code and row.sequence > intent.seen]
    if newer and all(row.token in intent.after for row in newer):
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


def _explanations(session: Session, screen: Screen) -> Mapping[tuple[Code, str], ShownExplanation]:
    return {
        (each.suggestion.code, explanation.method): explanation
        for each in screen.suggestions
        if each.suggestion.task == "icd"
        for explanation in screens.explanations(session, each.id)
    }


def _suggestion_id(screen: Screen | None, code: Code) -> int | None:
    found = [] if screen is None else screen.suggestions
    return next((e.id for e in found if e.suggestion.code == code), None)


def _shown_title(screen: Screen | None, code: Code) -> str | None:
    found = [] if screen is None else screen.suggestions
    return next((e.suggestion.title for e in found if e.suggestion.code == code), None)
