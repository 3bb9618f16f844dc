"""Whose note it is: read where the database keeps it, and nobody's where it does not."""

from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text

import db
from db.identity import Identity, of_notes
from db.tables import NoteRow
from tests.db.desk import a_note

COLUMNS = ("patient_id", "encounter_id", "external_id")


def test_a_database_without_ids_knows_nobody(engine: Engine) -> None:
    bare = Table("notes", MetaData(), Column("id", Integer, primary_key=True))
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        assert of_notes(session, [note.id], table=bare) == {}


def test_the_ids_that_the_source_gave_are_read(engine: Engine) -> None:
    whose = Table(
        "whose", MetaData(), Column("id", Integer), *(Column(name, Text) for name in COLUMNS)
    )
    with db.unit_of_work(engine) as session:
        whose.create(session.connection())
        session.execute(
            whose.insert(),
            [
                {"id": 1, "patient_id": "P1", "encounter_id": "142345", "external_id": None},
                {"id": 2, "patient_id": "", "encounter_id": None, "external_id": "doc 7"},
            ],
        )
        assert of_notes(session, [1, 2, 3], table=whose) == {
            1: Identity(patient="P1", encounter="142345"),
            2: Identity(external="doc 7"),
        }


def test_every_note_of_this_schema_can_be_asked_for(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        found = of_notes(session, [note.id])
        kept = set(COLUMNS) & set(NoteRow.__table__.c.keys())
        assert set(found) == ({note.id} if kept else set())
