"""The engines: settings on every connection, one unit of work, clear refusals."""

import os
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import db
from core.errors import BadFile, BadSettings, Conflict
from db import engine as engine_module
from db import notes
from tests.db.conftest import on_postgresql, on_sqlite
from tests.db.desk import a_note
from tests.postgres import Server


@on_sqlite
def test_every_connection_of_the_pool_is_safe(engine: Engine) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "recursive_triggers": 1,
    }
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            got = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted
            }
            assert got == wanted


@on_postgresql
def test_every_session_of_the_server_is_safe_whatever_its_defaults(engine: Engine) -> None:
    wanted = {
        "synchronous_commit": "on",
        "transaction_isolation": "read committed",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "5min",
        "TimeZone": "UTC",
    }
    with engine_module.write_connection(engine) as connection:
        got = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in wanted}
    assert got == wanted


def test_a_unit_of_work_that_fails_leaves_nothing(engine: Engine) -> None:
    def spill() -> None:
        with db.unit_of_work(engine) as session:
            a_note(session)
            raise RuntimeError("coffee on the keyboard")

    with pytest.raises(RuntimeError, match="coffee"):
        spill()
    with db.unit_of_work(engine, write=False) as session:
        assert notes.named(session, "letter") is None


def test_a_reading_unit_cannot_write_and_a_later_writing_one_can(engine: Engine) -> None:
    with (
        pytest.raises(DBAPIError, match=r"readonly database|read-only transaction"),
        db.unit_of_work(engine, write=False) as session,
    ):
        a_note(session)
    with db.unit_of_work(engine) as session:
        a_note(session)
    with db.unit_of_work(engine, write=False) as session:
        assert notes.named(session, "letter") is not None


def test_reading_goes_on_while_another_writes(engine: Engine) -> None:
    with db.unit_of_work(engine) as writing:
        a_note(writing)
        with db.unit_of_work(engine, write=False) as reading:
            assert notes.named(reading, "letter") is None
    with db.unit_of_work(engine, write=False) as reading:
        assert notes.named(reading, "letter") is not None


def test_a_lock_that_is_never_released_is_a_conflict(
    engine: Engine, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    impatient = db.connect(database)
    with (
        engine_module.write_connection(engine),
        pytest.raises(Conflict, match="nothing was written"),
        db.unit_of_work(impatient) as session,
    ):
        a_note(session)
    impatient.dispose()


def test_more_people_at_once_than_the_database_takes_is_a_conflict(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(engine_module, "SESSIONS", 5)
    engine = db.connect(database)
    with ExitStack() as stack:
        for _ in range(5):
            session = stack.enter_context(db.unit_of_work(engine, write=False))
            notes.named(session, "letter")
        with pytest.raises(Conflict, match="5 people were using"), db.unit_of_work(engine) as late:
            a_note(late)
    engine.dispose()


def test_threads_that_read_then_write_lose_no_update(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))

    def count(times: int) -> None:
        for _ in range(times):
            with db.unit_of_work(engine) as session:
                value = session.scalar(text("SELECT value FROM counter"))
                session.execute(text("UPDATE counter SET value = :new"), {"new": value + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, [25] * 4))
    with db.unit_of_work(engine, write=False) as session:
        assert session.scalar(text("SELECT value FROM counter")) == 100


def test_the_environment_names_the_file_and_its_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "folder" / "notes.sqlite"
    for name in (str(path), f"sqlite:///{path}"):
        monkeypatch.setenv("EVICODE_DATABASE", name)
        engine = db.connect()
        assert engine.url.database == str(path)
        assert path.is_file()
        engine.dispose()


def test_without_a_name_the_file_is_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVICODE_DATABASE", raising=False)
    project = Path(__file__).parents[2]
    assert engine_module._locate(None).database == str(project / "data" / "evicode.sqlite")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "thesis.txt"
    path.write_bytes(b"This is no database. " * 100)
    with pytest.raises(BadFile, match=r"thesis\.txt is not a database"):
        db.connect(path)
    assert path.read_bytes() == b"This is no database. " * 100


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="is a folder"):
        db.connect(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadFile, match="cannot be made"):
        db.connect(tmp_path / "file" / "evicode.sqlite")


def test_a_missing_file_is_refused_where_none_should_be_made(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="there is no database"):
        db.connect(tmp_path / "typo.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_refused(migrated_file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "evicode.sqlite")
        path.write_bytes(migrated_file.read_bytes())
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        root = os.geteuid() == 0
        try:
            if root:  # root may write everywhere, so be nobody for a moment
                os.seteuid(65534)
            with pytest.raises(BadFile, match="cannot be opened for writing"):
                db.connect(path)
        finally:
            if root:
                os.seteuid(0)
            Path(folder).chmod(0o755)


BAD_URLS = {
    "mysql://u:secret@host/evicode": "neither a SQLite file nor a PostgreSQL database",
    "sqlite://": "in memory forgets everything",
    "postgresql://u:secret@host": "names no database",
    "postgresql://u:secret@host:port/evicode": "is no URL",
}


@pytest.mark.parametrize("url", BAD_URLS)
def test_another_kind_of_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadSettings, match=BAD_URLS[url]) as caught:
        db.connect(url)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    nowhere = f"postgresql://u:secret@/letters?host={tmp_path}"
    with pytest.raises(BadFile, match="server of the database letters cannot be reached") as caught:
        db.connect(nowhere)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@on_postgresql
def test_a_connection_the_server_dropped_is_no_error_for_the_next_unit_of_work(
    engine: Engine, server: Server, database: str
) -> None:
    def spill() -> None:
        with db.unit_of_work(engine) as session:
            a_note(session)
            server.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608
                f"WHERE datname = '{engine.url.database}'"
            )
            session.execute(text("SELECT 1"))

    with pytest.raises(BadFile, match="cannot be reached, and what was not yet"):
        spill()
    with db.unit_of_work(engine) as session:
        assert notes.named(session, "letter") is None
        a_note(session)


def test_errors_that_are_not_about_the_database_stay_as_they_are(engine: Engine) -> None:
    with (
        pytest.raises(DBAPIError, match=r"no such table|does not exist"),
        db.unit_of_work(engine) as session,
    ):
        session.execute(text("SELECT * FROM invoices"))
