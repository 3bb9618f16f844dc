"""How long notes are kept: those whose charts were finished long enough ago may go."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import BadSettings
from core.settings import settings
from db.audit_records import AuditTurn
from db.inbox import is_done
from db.records import Turn
from db.tables import ChartEventRow, NoteRow
from db.tombstones import is_there
from db.workflow_tables import AuditRow, AuditTurnRow

SETTING = "EVICODE_RETENTION_DAYS"


def days(given: int | None = None) -> int:
    """The setting, unless a number is given. BadSettings if there is neither, or if it is none."""
    said = settings().retention_days if given is None else given
    if said < 1:
        raise BadSettings(
            f"there is no number of days after which notes are deleted; set {SETTING}, or name "
            "it with --days"
        )
    return said


def due(session: Session, *, before: datetime) -> tuple[int, ...]:
    """Notes whose charts are finished, since before that time, and are in no open audit."""
    finished = (
        select(ChartEventRow.note_id)
        .where(ChartEventRow.turn == Turn.FINISHED.value)
        .group_by(ChartEventRow.note_id)
        .having(func.max(ChartEventRow.at) < before)
    )
    over = select(AuditTurnRow.audit_id).where(AuditTurnRow.turn == AuditTurn.FINISHED.value)
    in_audit = select(AuditRow.note_id).where(AuditRow.id.not_in(over))
    old = select(NoteRow.id).where(
        NoteRow.id.in_(finished), NoteRow.id.not_in(in_audit), is_done(), is_there()
    )
    return tuple(session.scalars(old.order_by(NoteRow.id)))


def since(now: datetime, kept_days: int) -> datetime:
    """The time before which a chart must have been finished."""
    return now - timedelta(days=kept_days)
