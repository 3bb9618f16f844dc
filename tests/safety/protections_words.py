"""Words of notes: quoted nowhere, gone once deleted, and no formula in a sheet."""

import io

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import db
from core.errors import BadFile, BadInput
from db import charts, notes, tombstones
from db.engine import scrub
from db.export.request import Export, Format
from db.export.saving import write
from db.records import Turn
from db.tables import NoteRow
from tests.db.desk import FEVER, a_note, clock, decide
from tests.db.tampering import unguarded
from tests.safety.protection import Place, Protection, opened_without

CANARY = "Zebrafinch"


def an_error_quotes_no_note(place: Place) -> None:
    with pytest.raises(DBAPIError) as caught, db.unit_of_work(place.engine) as session:
        session.add(NoteRow(name="n", text=CANARY, uploaded_by="ana", source="f"))
    assert CANARY not in str(caught.value)


def _with_parameters_shown(place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(place.engine, "hide_parameters", False)


def deleted_words_leave_no_bytes(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note_id = a_note(session, text=f"{CANARY} has fever. " * 500).id
    with db.unit_of_work(place.engine) as session:
        tombstones.forget(session, note_id, by="lea", reason="request 7", at=clock())
    scrub(place.engine, tombstones.TABLES)
    held = b"".join(each.read_bytes() for each in place.folder.glob(f"{place.file.name}*"))
    assert CANARY.encode() not in held


def a_deletion_hides_no_damage(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note_id = a_note(session).id
    with unguarded(place.engine) as connection:
        connection.execute(text("UPDATE notes SET uploaded_by = 'eve'"))
    try:
        with db.unit_of_work(place.engine) as session:
            tombstones.forget(session, note_id, by="lea", reason="request 7", at=clock())
    except BadFile:
        return
    raise AssertionError("what eve did to the record cannot be seen any more")


def _without_the_look_into_the_trail(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tombstones, "_as_chained", lambda *args: dict(tombstones._sealed(*args)))


def a_deleted_note_does_not_come_back(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note_id = a_note(session, text=CANARY).id
    with db.unit_of_work(place.engine) as session:
        tombstones.forget(session, note_id, by="lea", reason="request 7", at=clock())
    try:
        with db.unit_of_work(place.engine, write=False) as session:
            notes.get(session, note_id)
    except BadInput:
        return
    raise AssertionError("a deleted note is handed out")


def _without_the_look_for_a_tombstone(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tombstones, "refuse", lambda *_: None)


def no_cell_is_a_formula(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session, name="=1+1")
        decide(session, note, FEVER)
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock())
    file = io.BytesIO()
    with db.unit_of_work(place.engine, write=False) as session:
        write(session, file, Export(format=Format.CSV), at=clock())
    assert b"=1+1" in file.getvalue()
    assert not any(line.startswith(b"=") for line in file.getvalue().splitlines())


def _without_the_apostrophe(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("db.export.tables.defuse", lambda cell: cell)


WORDS = (
    Protection(17, an_error_quotes_no_note, _with_parameters_shown),
    Protection(17, deleted_words_leave_no_bytes, opened_without("secure_delete")),
    Protection(17, a_deleted_note_does_not_come_back, _without_the_look_for_a_tombstone),
    Protection(6, a_deletion_hides_no_damage, _without_the_look_into_the_trail),
    Protection(11, no_cell_is_a_formula, _without_the_apostrophe),
)
