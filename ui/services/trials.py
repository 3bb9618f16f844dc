"""Trials against automation bias: a first list without suggestions, and wrong ones put in.

Off unless somebody starts one for a coder's chart. What was put in is taken back when it is
revealed, and is at no time learned from or exported (`db.decisions.genuine`).
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.codes import Status as CodeStatus
from core.errors import BadInput
from core.types import Code, Suggestion, Suggestions
from db import charts, decisions, trials, unit_of_work
from db.records import Action, Decision, Screen, Status
from db.standing import standing
from db.trials import TrialEvent, TrialKind
from ui.services.on_trial import OnTrial, every
from ui.services.showing import Planted
from ui.services.tables import Tables

__all__ = ["OnTrial", "Reliance", "Revealed", "Trials"]

LIKELY_WRONG = 0.05  # a sibling that the model gives less may be planted


@dataclass(frozen=True, kw_only=True)
class Revealed:
    """A suggestion that was wrong on purpose, and what its coder did with it."""

    code: Code
    action: Action | None  # None: nothing


@dataclass(frozen=True, kw_only=True)
class Reliance:
    """How far a coder follows the list. Of finished charts only."""

    coder: str
    seeded: int  # wrong suggestions shown
    seeded_accepted: int
    blind_charts: int  # charts with a first list made without suggestions
    first_codes: int  # on those lists
    added: int  # codes given after seeing suggestions
    removed: int

    @property
    def accepted_share(self) -> float | None:
        """Share of the wrong suggestions that were accepted; None if none were shown."""
        return self.seeded_accepted / self.seeded if self.seeded else None

    @property
    def changed_share(self) -> float | None:
        """Changes after seeing suggestions, over the codes of the first lists."""
        return (self.added + self.removed) / self.first_codes if self.first_codes else None


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What leads and coders do with trials. Each call is one unit of work."""

    engine: Engine
    tables: Tables
    siblings: Callable[[Code], Sequence[Code]]  # codes under the same heading
    now: Callable[[], datetime]

    def start(
        self,
        note_ids: Iterable[int],
        *,
        coder: str,
        by: str,
        blind_first: bool = False,
        seeded: bool = False,
    ) -> None:
        """Put charts this coder has not seen on trial; all of them, or on an error none."""
        kinds = [TrialKind.BLIND_FIRST] * blind_first + [TrialKind.SEEDED] * seeded
        with unit_of_work(self.engine) as session:
            for note_id in note_ids:
                for kind in kinds:
                    trials.record(session, note_id, kind, coder=coder, by=by, at=self.now())

    def withheld(self, note_id: int, *, coder: str) -> bool:
        """Whether this coder is to make a first list before any suggestion is shown."""
        kinds = self._kinds(note_id, coder)
        return TrialKind.BLIND_FIRST in kinds and TrialKind.SUBMITTED not in kinds

    def submit(self, note_id: int, *, coder: str) -> None:
        """End the first list; suggestions are shown from now on."""
        with unit_of_work(self.engine) as session:
            kind = TrialKind.SUBMITTED
            trials.record(session, note_id, kind, coder=coder, by=coder, at=self.now())

    def plant(
        self, note_id: int, coder: str, ranked: Suggestions, listed: tuple[Suggestion, ...]
    ) -> Planted | None:
        """A wrong suggestion for this list; None if the chart is to have none.

        A billable sibling of a likely code that the model thinks unlikely, chosen by lot; the lot
        is the same for the same note, coder and scores.
        """
        kinds = self._kinds(note_id, coder)
        if TrialKind.SEEDED not in kinds or TrialKind.REVEALED in kinds:
            return None
        lot = random.Random(f"{note_id} {coder}")  # noqa: S311  (a trial, not a secret)
        likely = {each.code: each.probability for each in ranked.ranked}
        codes = {each.code for each in listed}
        real = sorted((each for each in listed if each.task == "icd"), key=_by_probability)
        for each in real[:5]:
            found = [
                code
                for code in sorted(self.siblings(each.code))
                if code not in codes
                and likely.get(code, 0.0) < LIKELY_WRONG
                and self.tables.status(code) is CodeStatus.VALID
            ]
            if found:
                code = lot.choice(found)
                title = self.tables.title(code) or code.code
                wrong = replace(each, code=code, title=title, provenance="", evidence=())
                return Planted(suggestion=wrong, sibling=each.code)
        return None

    def unmasked(self, screen: Screen | None) -> bool:
        """Whether a screen holds a wrong suggestion that its coder has been told of."""
        if screen is None:
            return False
        with unit_of_work(self.engine, write=False) as session:
            if not trials.seeded(session, [screen.id]):
                return False
        return TrialKind.REVEALED in self._kinds(screen.note_id, screen.coder)

    def reveal(self, note_id: int, *, coder: str, by: str) -> tuple[Revealed, ...]:
        """Tell which suggestions were wrong on purpose, and take back decisions on them.

        BadInput while the chart is not finished: it would end the trial.
        """
        with unit_of_work(self.engine) as session:
            if charts.status(session, note_id) is not Status.DONE:
                raise BadInput("this chart is not finished; reveal what was planted afterwards")
            kind = TrialKind.REVEALED
            trials.record(session, note_id, kind, coder=coder, by=by, at=self.now())
            planted = {
                suggestion
                for note, _, suggestion in trials.seeded_for(session, coder)
                if note == note_id
            }
            made = decisions.of_note(session, note_id)
            held = [row for row in standing(made).values() if row.suggestion_id in planted]
            for row in held:
                decisions.retract(
                    session, row, coder=by, token=str(uuid4()), seen=row.sequence, at=self.now()
                )
            return _revealed(session, planted, held)

    def every(self) -> tuple[OnTrial, ...]:
        """Every chart that somebody was put on trial with, the latest first."""
        with unit_of_work(self.engine, write=False) as session:
            return every(session)

    def reliance(self, *, coder: str) -> Reliance:
        """How far this coder follows the list, over their finished charts on trial."""
        with unit_of_work(self.engine, write=False) as session:
            events = trials.every(session, coder=coder)
            done = {
                note_id
                for note_id in {event.note_id for event in events}
                if charts.status(session, note_id) is Status.DONE
            }
            made = decisions.of_notes(session, done)
            seeded = {s for note, _, s in trials.seeded_for(session, coder) if note in done}
        accepted = {
            row.suggestion_id
            for rows in made.values()
            for row in rows
            if row.suggestion_id in seeded and row.action is Action.ACCEPT and row.coder == coder
        }
        pairs = [
            _lists(made[event.note_id], event, seeded)
            for event in events
            if event.kind is TrialKind.SUBMITTED and event.note_id in done
        ]
        return Reliance(
            coder=coder,
            seeded=len(seeded),
            seeded_accepted=len(accepted),
            blind_charts=len(pairs),
            first_codes=sum(len(first) for first, _ in pairs),
            added=sum(len(last - first) for first, last in pairs),
            removed=sum(len(first - last) for first, last in pairs),
        )

    def _kinds(self, note_id: int, coder: str) -> frozenset[TrialKind]:
        with unit_of_work(self.engine, write=False) as session:
            events = trials.every(session, note_id=note_id, coder=coder)
        return frozenset(event.kind for event in events)


def _by_probability(suggestion: Suggestion) -> tuple[float, Code]:
    return -suggestion.probability, suggestion.code


def _lists(
    made: Iterable[Decision], submitted: TrialEvent, seeded: set[int]
) -> tuple[frozenset[Code], frozenset[Code]]:
    """The codes given before suggestions were shown, and in the end; seeded ones left out."""
    rows = [row for row in made if row.suggestion_id not in seeded]
    before = [row for row in rows if row.decided_at <= submitted.at]
    return _given(before), _given(rows)


def _given(made: Iterable[Decision]) -> frozenset[Code]:
    stands = standing(made).items()
    return frozenset(code for code, row in stands if row.action is not Action.REJECT)


def _revealed(
    session: Session, planted: Iterable[int], held: Sequence[Decision]
) -> tuple[Revealed, ...]:
    did = {row.suggestion_id: row.action for row in held}
    codes = trials.codes(session, planted)
    return tuple(
        Revealed(code=code, action=did.get(suggestion)) for suggestion, code in codes.items()
    )
