"""Whose note it is, as far as the place it came from said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import NoteRow


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Ids that a note's source gave; None where it gave none."""

    patient: str | None = None
    encounter: str | None = None
    external: str | None = None  # of the note itself


NOBODY = Identity()


def of_notes(session: Session, notes: Sequence[int]) -> Mapping[int, Identity]:
    """The identity of each of these notes."""
    columns = (NoteRow.patient_id, NoteRow.encounter_id, NoteRow.external_id)
    rows = session.execute(select(NoteRow.id, *columns).where(NoteRow.id.in_(notes)))
    return {
        row.id: Identity(
            patient=row.patient_id or None,
            encounter=row.encounter_id or None,
            external=row.external_id or None,
        )
        for row in rows
    }
