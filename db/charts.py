"""Charts: when the note of a chart was opened, finished and opened again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput
from db import blindness
from db.records import ChartEvent, Pass, Status, Turn
from db.tables import ChartEventRow, DecisionRow, NoteRow


def record(
    session: Session,
    note_id: int,
    turn: Turn,
    *,
    coder: str,
    at: datetime,
    coding_pass: Pass = Pass.FIRST,
) -> ChartEvent | None:
    """Keep a turn of one coding of the chart, or None if it changes nothing.

    Nothing changes when a done chart is finished, a chart that is not done is reopened, or the
    coder who opened it last opens it again (a refresh). BadInput where opening it would show a
    coder what they must not have seen (`blindness.refuse_looking`).
    """
    locked = select(NoteRow.id).where(NoteRow.id == note_id).with_for_update()
    if session.scalar(locked) is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    if turn is Turn.OPENED:
        blindness.refuse_looking(session, note_id, coder=coder, coding_pass=coding_pass)
    past = events(session, note_id, coding_pass=coding_pass)
    done = _is_done(past)
    again = bool(past) and (past[-1].turn, past[-1].coder) == (Turn.OPENED, coder)
    idle = {Turn.OPENED: again, Turn.FINISHED: done, Turn.REOPENED: not done}
    if idle[turn]:
        return None
    row = ChartEventRow(
        note_id=note_id, coder=coder, turn=turn.value, at=at, coding_pass=coding_pass.value
    )
    session.add(row)
    session.flush()
    return _record(row)


def events(
    session: Session, note_id: int, *, coding_pass: Pass | None = Pass.FIRST
) -> tuple[ChartEvent, ...]:
    """All turns of one coding of a chart (None: of all), oldest first."""
    of_note = select(ChartEventRow).where(ChartEventRow.note_id == note_id)
    if coding_pass is not None:
        of_note = of_note.where(ChartEventRow.coding_pass == coding_pass.value)
    return tuple(map(_record, session.scalars(of_note.order_by(ChartEventRow.id))))


def status(session: Session, note_id: int, *, coding_pass: Pass = Pass.FIRST) -> Status:
    """How far a coding is: new until the chart is opened or decided on, done once finished."""
    past = events(session, note_id, coding_pass=coding_pass)
    if _is_done(past):
        return Status.DONE
    decided = select(DecisionRow.id).where(
        DecisionRow.note_id == note_id, DecisionRow.coding_pass == coding_pass.value
    )
    begun = bool(past) or session.scalar(decided.limit(1)) is not None
    return Status.IN_PROGRESS if begun else Status.NEW


def begun(session: Session, coding_pass: Pass) -> frozenset[int]:
    """The notes of which this coding has begun: opened, decided on, or finished."""
    turned = select(ChartEventRow.note_id).where(ChartEventRow.coding_pass == coding_pass.value)
    decided = select(DecisionRow.note_id).where(DecisionRow.coding_pass == coding_pass.value)
    return frozenset(session.scalars(turned.union(decided)))


def _is_done(past: tuple[ChartEvent, ...]) -> bool:
    turns = [event.turn for event in past if event.turn is not Turn.OPENED]
    return bool(turns) and turns[-1] is Turn.FINISHED


def _record(row: ChartEventRow) -> ChartEvent:
    return ChartEvent(
        id=row.id,
        note_id=row.note_id,
        coder=row.coder,
        turn=Turn(row.turn),
        at=row.at,
        coding_pass=Pass(row.coding_pass),
    )
