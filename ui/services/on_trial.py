"""Which charts are on trial, for whom, and how far each trial is."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from db import facts, inbox, notes, trials
from db.records import Pass
from db.trials import TrialEvent, TrialKind

_STARTED = (TrialKind.BLIND_FIRST, TrialKind.SEEDED)


class Reached(StrEnum):
    """How far a trial is."""

    WAITING = "not begun"
    BEGUN = "begun"
    FIRST_LIST = "first list made"
    FINISHED = "finished"
    REVEALED = "revealed"


@dataclass(frozen=True, kw_only=True)
class OnTrial:
    """A coder's chart on trial."""

    note_id: int
    note: str  # its name
    coder: str
    blind_first: bool  # a list is made before suggestions are shown
    seeded: bool  # a suggestion may be wrong on purpose
    planted: bool  # and one was shown
    by: str
    started_at: datetime
    reached: Reached

    @property
    def can_be_revealed(self) -> bool:
        """Whether its coder may be told now what was wrong on purpose."""
        return self.planted and self.reached is Reached.FINISHED


def every(session: Session) -> tuple[OnTrial, ...]:
    """All trials, the latest first."""
    steps: dict[tuple[int, str], list[TrialEvent]] = defaultdict(list)
    for event in trials.every(session):
        steps[event.note_id, event.coder].append(event)
    ids = {note_id for note_id, _ in steps}
    done = inbox.finished(session, Pass.FIRST)
    begun = {
        (note_id, turn.coder)
        for note_id, past in facts.turns(session, ids).items()
        for turn in past
    }
    planted = {(note_id, coder) for note_id, coder, _ in trials.seeded_for(session)}
    return tuple(
        _on_trial(session, whose, taken, done=done, begun=begun, planted=planted)
        for whose, taken in reversed(steps.items())
    )


def _on_trial(
    session: Session,
    whose: tuple[int, str],
    taken: list[TrialEvent],
    *,
    done: Collection[int],
    begun: Collection[tuple[int, str]],
    planted: Collection[tuple[int, str]],
) -> OnTrial:
    note_id, coder = whose
    kinds = {event.kind for event in taken}
    start = next((event for event in taken if event.kind in _STARTED), taken[0])
    if TrialKind.REVEALED in kinds:
        reached = Reached.REVEALED
    elif note_id in done:
        reached = Reached.FINISHED
    elif TrialKind.SUBMITTED in kinds:
        reached = Reached.FIRST_LIST
    else:
        reached = Reached.BEGUN if whose in begun else Reached.WAITING
    return OnTrial(
        note_id=note_id,
        note=notes.kept(session, note_id).name,
        coder=coder,
        blind_first=TrialKind.BLIND_FIRST in kinds,
        seeded=TrialKind.SEEDED in kinds,
        planted=whose in planted,
        by=start.by,
        started_at=start.at,
        reached=reached,
    )
