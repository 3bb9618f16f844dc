"""Whose note it is: what its source said, and nobody's where it said nothing."""

from sqlalchemy import Engine

import db
from core.types import Encounter, Note
from db import notes
from db.identity import NOBODY, Identity, of_notes
from tests.db.desk import a_note, clock

WHOSE = Encounter(patient_id="P1", encounter_id="142345", external_id="")


def test_the_ids_that_the_source_gave_are_read(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = Note(id="d1", text="Cough.", encounter=WHOSE)
        first = notes.add(session, note, source="a.hl7", uploaded_by="ana", at=clock()).note
        second = a_note(session)
        assert of_notes(session, [first.id, second.id, 99]) == {
            first.id: Identity(patient="P1", encounter="142345"),
            second.id: NOBODY,
        }
