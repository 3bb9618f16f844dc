"""Training runs: who asked for which, and what became of each. Holds no words of notes, no paths.

What a run is doing at this moment is not on record: its process knows, and may be killed without a
word. Here stands the last thing that was said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from db.training_tables import TrainingEventRow


class Step(StrEnum):
    """What can be said of a run."""

    ASKED = "asked"
    STARTED = "started"
    RESUMED = "resumed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # what it has learned is kept, and it can be resumed
    DISCARDED = "discarded"  # nothing of it is kept


_GOING_ON = (Step.ASKED, Step.STARTED, Step.RESUMED)
_KEPT = (Step.CANCELLED, Step.FAILED)
_AFTER: Mapping[Step, tuple[Step, ...]] = {  # what a step may follow
    Step.STARTED: (Step.ASKED,),
    Step.RESUMED: (*_GOING_ON, *_KEPT),  # a process that was killed has said nothing
    Step.DONE: _GOING_ON,
    Step.FAILED: _GOING_ON,
    Step.CANCELLED: _GOING_ON,
    Step.DISCARDED: (*_GOING_ON, *_KEPT),
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as its steps leave it."""

    name: str  # also of the model it makes
    settings: Mapping[str, Any]  # Any: plain JSON
    asked_by: str
    asked_at: datetime
    step: Step  # the last one
    at: datetime  # of that step
    model: str | None  # hash of what it made
    reason: str | None  # why it failed or was discarded

    @property
    def goes_on(self) -> bool:
        """Whether nothing was said yet of its end."""
        return self.step in _GOING_ON


def every(session: Session) -> tuple[Run, ...]:
    """All runs, the newest first."""
    rows = session.scalars(select(TrainingEventRow).order_by(TrainingEventRow.id)).all()
    begun = [row.run for row in rows if row.step == Step.ASKED.value]
    by_run = sorted(rows, key=lambda row: (row.run, row.id))
    found = {name: _run(list(steps)) for name, steps in groupby(by_run, key=lambda row: row.run)}
    return tuple(found[name] for name in reversed(begun))


def find(session: Session, name: str) -> Run:
    """The run of this name; BadInput if there is none."""
    of_run = select(TrainingEventRow).where(TrainingEventRow.run == name)
    rows = session.scalars(of_run.order_by(TrainingEventRow.id)).all()
    if not rows:
        raise BadInput(f"there is no training run {name!r}; reload the page")
    return _run(rows)


def going_on(session: Session) -> Run | None:
    """The run of whose end nothing was said yet; there is at most one."""
    return next((run for run in every(session) if run.goes_on), None)


def ask(session: Session, name: str, settings: Mapping[str, Any], *, by: str, at: datetime) -> Run:
    """Put a run on record. Conflict if another goes on."""
    _check_alone(session, name)
    session.add(
        TrainingEventRow(run=name, step=Step.ASKED.value, settings=dict(settings), by=by, at=at)
    )
    session.flush()
    return find(session, name)


def append(
    session: Session,
    name: str,
    step: Step,
    *,
    by: str,
    at: datetime,
    model: str | None = None,
    reason: str | None = None,
) -> Run:
    """Say what became of a run.

    Conflict if somebody said otherwise before, or if it is to go on while another does.
    """
    run = find(session, name)
    if run.step not in _AFTER.get(step, ()):
        raise Conflict(f"this training run is {run.step.value} already; reload the page")
    if step in _GOING_ON:
        _check_alone(session, name)
    session.add(
        TrainingEventRow(run=name, step=step.value, model=model, reason=reason, by=by, at=at)
    )
    session.flush()
    return find(session, name)


def _check_alone(session: Session, name: str) -> None:
    other = going_on(session)
    if other is not None and other.name != name:
        raise Conflict(
            f"a training run that {other.asked_by} asked for goes on; wait until it is done, or "
            "cancel it first"
        )


def _run(rows: Sequence[TrainingEventRow]) -> Run:
    asked, last = rows[0], rows[-1]
    return Run(
        name=asked.run,
        settings=asked.settings or {},
        asked_by=asked.by,
        asked_at=asked.at,
        step=Step(last.step),
        at=last.at,
        model=last.model,
        reason=last.reason,
    )
