"""Each protection as a promise that can be checked, and how to take it out in a test alone.

A check raises AssertionError where its promise does not hold.
"""

import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import db
from core.errors import BadCheckpoint, BadFile, BadInput, Conflict, NotAllowed
from db import backup, blindness, charts, decisions, notes, on_sqlite, tombstones, trail, verify
from db.engine import scrub
from db.export.request import Export, Format
from db.export.saving import write
from db.heads import Head
from db.records import Action, Pass, Turn
from db.tables import NoteRow
from tests.core.notes.test_note_apart import ENVIRONMENT, ROOT
from tests.db.desk import FEVER, a_draft, a_note, clock, decide
from tests.db.tampering import unguarded
from tests.models import tiny_checkpoint

CANARY = "Zebrafinch"
Checks = Callable[["Place"], None]
Removes = Callable[["Place", pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Place:
    """A folder, and a migrated SQLite database in it."""

    folder: Path
    engine: Engine

    @property
    def file(self) -> Path:
        return Path(str(self.engine.url.database))


@dataclass(frozen=True)
class Protection:
    """What is promised, the figure of workbench.md §6 it belongs to, and its way out."""

    figure: int
    check: Checks
    remove: Removes


def records_cannot_be_edited(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    try:
        with db.unit_of_work(place.engine) as session:
            session.execute(text("UPDATE decisions SET coder = 'eve'"))
    except DBAPIError:
        return
    raise AssertionError("a decision was edited")


def _without_triggers(place: Place, _patch: pytest.MonkeyPatch) -> None:
    with unguarded(place.engine):
        pass
    place.engine.dispose()


def an_edited_record_is_found(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    with unguarded(place.engine) as connection:
        connection.execute(text("UPDATE decisions SET coder = 'eve'"))
    assert verify.verify(place.engine).fault is not None


def _without_the_trail(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(trail, "append", lambda *_: None)
    patch.setattr(verify, "RECORDS", ())


def a_trail_cut_off_with_its_records_is_found(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    whole = verify.verify(place.engine)
    head = Head(sequence=whole.entries, hash=whole.hash, signed_at=clock())
    with unguarded(place.engine) as connection:
        connection.execute(text("DELETE FROM decisions"))
        connection.execute(text("DELETE FROM trail WHERE kind = 'decisions'"))
    assert verify.verify(place.engine, head=head).fault is not None


def _without_the_head(_place: Place, patch: pytest.MonkeyPatch) -> None:
    walked = verify.walk
    patch.setattr(verify, "walk", lambda connection, **_: walked(connection))


def a_stale_edit_is_a_conflict(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="bob")
        try:
            decisions.append(session, a_draft(note, FEVER, Action.REJECT), seen=0, at=clock(2))
        except Conflict:
            return
    raise AssertionError("somebody was overruled unseen")


def _without_the_look_at_what_is_newer(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decisions, "_refuse_stale", lambda *args, **names: None)


def a_click_sent_twice_is_one_decision(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
    draft = a_draft(note, FEVER, Action.ADD)
    for _ in range(2):
        try:
            with db.unit_of_work(place.engine) as session:
                decisions.append(session, draft, seen=1, at=clock())
        except DBAPIError as error:
            raise AssertionError("the second click is an error") from error


def _without_the_look_for_the_token(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decisions, "_with_token", lambda *_: None)


def who_coded_a_note_does_not_code_it_again(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        again = a_draft(note, FEVER, Action.REJECT, coding_pass=Pass.SECOND)
        try:
            decisions.append(session, again, seen=1, at=clock())
        except BadInput:
            return
    raise AssertionError("one coder made both codings")


def _without_blindness(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blindness, "refuse_coding", lambda *args, **names: None)


def a_second_coder_does_not_look_before_they_finish(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        second = {"coder": "bob", "at": clock()}
        charts.record(session, note.id, Turn.OPENED, coding_pass=Pass.SECOND, **second)
        try:
            charts.record(session, note.id, Turn.OPENED, coding_pass=Pass.FIRST, **second)
        except BadInput:
            return
    raise AssertionError("the second coder saw the first coding")


def _without_the_wait(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blindness, "refuse_looking", lambda *args, **names: None)


def a_row_of_nothing_is_refused(place: Place) -> None:
    event = (
        "INSERT INTO chart_events (note_id, coder, turn, at) VALUES (77, 'ana', 'opened', '2026')"
    )
    try:
        with db.unit_of_work(place.engine) as session:
            session.execute(text(event))
    except DBAPIError:
        return
    raise AssertionError("an event of a note that is not there was kept")


def _opened_without(pragma: str) -> Removes:
    def remove(place: Place, patch: pytest.MonkeyPatch) -> None:
        place.engine.dispose()
        begin = on_sqlite.begin

        def without(connection, *, writes: bool) -> None:
            connection.exec_driver_sql(f"PRAGMA {pragma} = OFF")
            begin(connection, writes=writes)

        patch.setattr(on_sqlite, "begin", without)

    return remove


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


def a_backup_of_a_damaged_database_is_none(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    with unguarded(place.engine) as connection:
        connection.execute(text("UPDATE decisions SET coder = 'eve'"))
    try:
        backup.backup(place.engine, place.folder / "monday.backup")
    except BadFile:
        return
    raise AssertionError("a damaged backup got its name")


def _without_a_look_at_the_copy(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(backup, "_checked", lambda *args, **names: None)


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


def _in_a_child(confined: bool) -> str:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from core.notes.confinement import confine\nfrom core.notes import Limits\n"
        f"if {confined}: confine(Limits())\n"
        "import socket\n"
        "try: socket.socket().bind(('127.0.0.1', 0)); print('out')\n"
        "except OSError as error: print(type(error).__name__)"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", code, str(ROOT)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    ).stdout.strip()


def a_parser_opens_no_socket(_place: Place) -> None:
    assert _in_a_child(os.environ.get("WITHOUT") is None) == "PermissionError"


def _without_confinement(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("WITHOUT", "1")


class Malicious:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.mark),))


def a_malicious_pickle_never_runs(place: Place) -> None:
    """Put in place of each file of a checkpoint in turn."""
    from core.checkpoints import load_checkpoint

    mark = place.folder / "it ran"
    bomb = pickle.dumps(Malicious(mark))
    tiny_checkpoint(place.folder / "checkpoint")
    for file in sorted((place.folder / "checkpoint").rglob("*.*")):
        whole = file.read_bytes()
        file.write_bytes(bomb)
        with suppress(BadCheckpoint):
            load_checkpoint(place.folder / "checkpoint")
        assert not mark.exists(), f"it ran from {file.name}"
        file.write_bytes(whole)


def _with_pickles(_place: Place, patch: pytest.MonkeyPatch) -> None:
    """As torch.load(weights_only=False) and its like do."""
    patch.setattr("core.checkpoints.load_checkpoint", _unpickle_all)


def _unpickle_all(folder: Path) -> None:
    for file in folder.rglob("*.*"):
        try:
            pickle.loads(file.read_bytes())  # noqa: S301  (this is what must never be done)
        except (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            continue


def a_role_does_what_it_may_and_no_more(place: Place) -> None:
    from ui.services import guard
    from ui.services.export import Exporting
    from ui.services.rights import Actor, Role

    service = guard.guarded(
        Exporting(engine=place.engine, now=clock), Actor(name="ana", role=Role.CODER)
    )
    try:
        service.preview(Export(format=Format.CSV))
    except NotAllowed:
        return
    raise AssertionError("a coder looked at an export")


def _without_the_question(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ui.services.guard.allow", lambda *_: None)


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


PROTECTIONS = {
    check.__name__.replace("_", " "): Protection(figure, check, remove)
    for figure, check, remove in (
        (6, records_cannot_be_edited, _without_triggers),
        (6, an_edited_record_is_found, _without_the_trail),
        (6, a_trail_cut_off_with_its_records_is_found, _without_the_head),
        (3, a_stale_edit_is_a_conflict, _without_the_look_at_what_is_newer),
        (1, a_click_sent_twice_is_one_decision, _without_the_look_for_the_token),
        (1, a_row_of_nothing_is_refused, _opened_without("foreign_keys")),
        (4, a_backup_of_a_damaged_database_is_none, _without_a_look_at_the_copy),
        (11, no_cell_is_a_formula, _without_the_apostrophe),
        (12, a_parser_opens_no_socket, _without_confinement),
        (14, a_malicious_pickle_never_runs, _with_pickles),
        (15, a_role_does_what_it_may_and_no_more, _without_the_question),
        (15, who_coded_a_note_does_not_code_it_again, _without_blindness),
        (15, a_second_coder_does_not_look_before_they_finish, _without_the_wait),
        (17, an_error_quotes_no_note, _with_parameters_shown),
        (17, deleted_words_leave_no_bytes, _opened_without("secure_delete")),
        (17, a_deleted_note_does_not_come_back, _without_the_look_for_a_tombstone),
        (6, a_deletion_hides_no_damage, _without_the_look_into_the_trail),
    )
}
