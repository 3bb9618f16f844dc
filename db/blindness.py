"""Who may code a note, and who may look at a coding of it, so that double coding stays blind."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput
from db.records import Pass, Turn
from db.tables import ChartEventRow, DecisionRow
from db.workflow_tables import DetailRow

_BLIND = (Pass.FIRST, Pass.SECOND)


def refuse_coding(session: Session, note_id: int, *, coder: str, coding_pass: Pass) -> None:
    """BadInput if this coder coded the note in another pass, or saw a coding they are to repeat."""
    known = _coded(session, note_id, coder)
    if coding_pass in _BLIND:
        known |= {each for each in _opened(session, note_id, coder) if each in _BLIND}
    for other in sorted(known - {coding_pass}):
        raise BadInput(
            f"{coder} took part in the {other} coding of this note; its {coding_pass} coding must "
            "be somebody else's"
        )


def refuse_looking(session: Session, note_id: int, *, coder: str, coding_pass: Pass) -> None:
    """BadInput if this coder's own blind coding of the note is not finished yet."""
    own = _coded(session, note_id, coder) | _opened(session, note_id, coder)
    for other in sorted(own - {coding_pass, Pass.ADJUDICATED}):
        if not _finished(session, note_id, other):
            raise BadInput(
                f"your own ({other}) coding of this note is not finished; finish it before you "
                f"look at the {coding_pass} one"
            )


def _coded(session: Session, note_id: int, coder: str) -> set[Pass]:
    """Where they decided anything, or said anything of a code."""
    decided, detailed = (
        select(table.coding_pass).where(table.note_id == note_id, table.coder == coder)
        for table in (DecisionRow, DetailRow)
    )
    return set(map(Pass, session.scalars(decided.union(detailed))))


def _opened(session: Session, note_id: int, coder: str) -> set[Pass]:
    opened = select(ChartEventRow.coding_pass).where(
        ChartEventRow.note_id == note_id, ChartEventRow.coder == coder
    )
    return set(map(Pass, session.scalars(opened.distinct())))


def _finished(session: Session, note_id: int, coding_pass: Pass) -> bool:
    last = (
        select(ChartEventRow.turn)
        .where(ChartEventRow.note_id == note_id, ChartEventRow.coding_pass == coding_pass.value)
        .where(ChartEventRow.turn != Turn.OPENED.value)
        .order_by(ChartEventRow.id.desc())
    )
    return session.scalar(last.limit(1)) == Turn.FINISHED.value
