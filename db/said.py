"""What a coder was told of shown evidence, so that an auditor can read it again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput
from db.records import Said, Screen
from db.tables import ExplanationRow, SaidRow, SuggestionRow

_SAME = ("before", "after", "words", "agreed", "memory", "sentences")


def record(session: Session, said: Said) -> Said:
    """Keep what is about to be said; saying again what was said last keeps nothing new."""
    if session.get(ExplanationRow, said.explanation_id) is None:
        raise BadInput(f"there is no evidence {said.explanation_id}; open the note again")
    of_it = select(SaidRow).where(SaidRow.explanation_id == said.explanation_id)
    last = session.scalar(of_it.order_by(SaidRow.id.desc()).limit(1))
    if last is None or any(getattr(last, name) != getattr(said, name) for name in _SAME):
        values = {name: getattr(said, name) for name in _SAME}
        last = SaidRow(explanation_id=said.explanation_id, said_at=said.said_at, **values)
        session.add(last)
        session.flush()
    return _said(last)


def on_screen(
    session: Session, screen: Screen, *, until: datetime | None = None
) -> dict[int, Said]:
    """By the explanation's id, what was said last of each evidence of a screen, up to then."""
    of_screen = (
        select(SaidRow)
        .join(ExplanationRow, ExplanationRow.id == SaidRow.explanation_id)
        .join(SuggestionRow, SuggestionRow.id == ExplanationRow.suggestion_id)
        .where(SuggestionRow.screen_id == screen.id)
        .order_by(SaidRow.id)
    )
    if until is not None:
        of_screen = of_screen.where(SaidRow.said_at <= until)
    return {row.explanation_id: _said(row) for row in session.scalars(of_screen)}


def _said(row: SaidRow) -> Said:
    values = {name: getattr(row, name) for name in _SAME}
    return Said(explanation_id=row.explanation_id, said_at=row.said_at, **values)
