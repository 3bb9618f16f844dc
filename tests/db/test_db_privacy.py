"""A canary in a note turns up in no log line, error message, traceback or printed record."""

import logging
import traceback

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, StatementError

import db
from db import notes
from db.tables import NoteRow
from tests.db.desk import a_note, clock

CANARY = "Canary Birdwhistle, born 1931"


def test_a_refused_row_is_not_quoted(engine: Engine) -> None:
    def insert(**changes: object) -> None:
        fields = {"name": "n", "text": CANARY, "sha256": "s", "characters": 29}
        fields |= {"source": "f", "uploaded_by": "ana", "created_at": clock()}
        with db.unit_of_work(engine) as session:
            session.add(NoteRow(**(fields | changes)))

    insert()
    for change in ({}, {"sha256": None}, {"created_at": "yesterday"}):
        with pytest.raises((IntegrityError, StatementError)) as caught:
            insert(**change)
        assert "Canary" not in "".join(traceback.format_exception(caught.value))


def test_nothing_is_logged_even_when_everything_is(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="sqlalchemy"):
        again = db.connect(engine.url.render_as_string())
        db.migrate(again)
        with db.unit_of_work(again) as session:
            note_id = a_note(session, text=CANARY).id
        with db.unit_of_work(again, write=False) as session:
            assert notes.get(session, note_id).text == CANARY
            session.execute(text("SELECT text FROM notes")).all()
        again.dispose()
    assert "Canary" not in caplog.text


def test_a_printed_note_keeps_its_text_to_itself(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session, text=CANARY)
        added = notes.add(session, note.as_note(), source="x", uploaded_by="bob", at=clock())
    assert "Canary" not in f"{note!r} {note} {added}"
