"""Which list a chart goes on with, so that no chart mixes the suggestions of two models.

A chart is bound to the model whose list somebody decided on last. Only its coder unbinds it, by
asking for fresh suggestions: then the list shown to them since counts.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Conflict
from db import screens
from db.records import Pass, Screen
from db.tables import DecisionRow, ScreenRow


def begun_with(
    session: Session, note_id: int, *, coder: str, coding_pass: Pass = Pass.FIRST
) -> Screen | None:
    """The list whose model this coder goes on with; None: nobody decided anything on one yet."""
    last = _last_decided_on(session, note_id, coding_pass)
    if last is None:
        return None
    decision, screen_id = last
    mine = screens.latest(session, note_id, coder=coder)
    if mine is not None and mine.shown_at > decision.decided_at:
        return mine
    return screens.get(session, screen_id)


def refuse_another_model(session: Session, screen: Screen, *, coding_pass: Pass) -> None:
    """Conflict if a list is another model's than the one its chart goes on with.

    That happens where a page was opened before the model in use changed, and another page, or
    another coder, decided on the chart meanwhile. A list shown since then was asked for.
    """
    last = _last_decided_on(session, screen.note_id, coding_pass)
    if last is None:
        return
    decision, screen_id = last
    bound = select(ScreenRow.checkpoint_hash).where(ScreenRow.id == screen_id)
    if screen.shown_at > decision.decided_at:
        return
    if session.scalar(bound) != screen.checkpoint_hash:
        raise Conflict(
            "this chart goes on with the suggestions of another model, which somebody decided on "
            "meanwhile; reload the page and decide again"
        )


def _last_decided_on(
    session: Session, note_id: int, coding_pass: Pass
) -> tuple[DecisionRow, int] | None:
    """The last decision on a list, and the list."""
    on_a_list = (
        select(DecisionRow)
        .where(DecisionRow.note_id == note_id, DecisionRow.coding_pass == coding_pass.value)
        .where(DecisionRow.screen_id.is_not(None))
        .order_by(DecisionRow.sequence.desc())
    )
    row = session.scalar(on_a_list.limit(1))
    return None if row is None or row.screen_id is None else (row, row.screen_id)
