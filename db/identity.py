"""Whose note it is, as far as the place it came from said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import FromClause, select
from sqlalchemy.orm import Session

from db.tables import NoteRow

_COLUMNS = {"patient": "patient_id", "encounter": "encounter_id", "external": "external_id"}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Ids that a note's source gave; None where it gave none."""

    patient: str | None = None
    encounter: str | None = None
    external: str | None = None  # of the note itself


NOBODY = Identity()


def of_notes(
    session: Session, notes: Sequence[int], *, table: FromClause = NoteRow.__table__
) -> Mapping[int, Identity]:
    """The identity of each of these notes; empty where the database keeps none."""
    kept = {name: table.c[column] for name, column in _COLUMNS.items() if column in table.c}
    if not kept:
        return {}
    columns = [column.label(name) for name, column in kept.items()]
    rows = session.execute(select(table.c.id, *columns).where(table.c.id.in_(notes)))
    return {
        row["id"]: Identity(**{name: row[name] or None for name in kept}) for row in rows.mappings()
    }
