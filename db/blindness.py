"""Who may code a note, and who may look at a coding of it, so that double coding stays blind."""

from sqlalchemy import Select, literal, select, union
from sqlalchemy.orm import Session

from core.errors import BadInput
from db.records import Pass, Turn
from db.tables import ChartEventRow, DecisionRow
from db.workflow_tables import DetailRow

_BLIND = (Pass.FIRST, Pass.SECOND)


def refuse_coding(session: Session, note_id: int, *, coder: str, coding_pass: Pass) -> None:
    """BadInput if this coder coded the note in another pass, or saw a coding they are to repeat."""
    for other, coded in sorted(_own(session, note_id, coder).items()):
        saw = other in _BLIND and coding_pass in _BLIND
        if other is not coding_pass and (coded or saw):
            raise BadInput(
                f"{coder} took part in the {other} coding of this note; its {coding_pass} coding "
                "must be somebody else's"
            )


def refuse_looking(session: Session, note_id: int, *, coder: str, coding_pass: Pass) -> None:
    """BadInput if this coder's own blind coding of the note is not finished yet."""
    own = _own(session, note_id, coder)
    for other in sorted(own.keys() - {coding_pass, Pass.ADJUDICATED}):
        if not _finished(session, note_id, other):
            raise BadInput(
                f"your own ({other}) coding of this note is not finished; finish it before you "
                f"look at the {coding_pass} one"
            )


def took_part(session: Session, coder: str, coding_pass: Pass) -> frozenset[int]:
    """The notes whose coding this coder had anything to do with, if only by opening it."""

    def of(table: type[DecisionRow | DetailRow | ChartEventRow]) -> Select[int]:
        mine = (table.coder == coder) & (table.coding_pass == coding_pass.value)
        return select(table.note_id).where(mine)

    found = union(of(DecisionRow), of(DetailRow), of(ChartEventRow))
    return frozenset(session.scalars(found))


def _own(session: Session, note_id: int, coder: str) -> dict[Pass, bool]:
    """The passes this coder has anything to do with; False where they only opened the chart."""

    def of(table: type[DecisionRow | DetailRow | ChartEventRow], coded: int) -> Select[str, int]:
        mine = (table.note_id == note_id) & (table.coder == coder)
        return select(table.coding_pass, literal(coded)).where(mine)

    rows = union(of(DecisionRow, 1), of(DetailRow, 1), of(ChartEventRow, 0))
    found: dict[Pass, bool] = {}
    for coding_pass, coded_there in session.execute(rows):
        each = Pass(coding_pass)
        found[each] = found.get(each, False) or bool(coded_there)
    return found


def _finished(session: Session, note_id: int, coding_pass: Pass) -> bool:
    last = (
        select(ChartEventRow.turn)
        .where(ChartEventRow.note_id == note_id, ChartEventRow.coding_pass == coding_pass.value)
        .where(ChartEventRow.turn != Turn.OPENED.value)
        .order_by(ChartEventRow.id.desc())
    )
    return session.scalar(last.limit(1)) == Turn.FINISHED.value
