"""From a path or URL to an engine that loses nothing, and the unit of work that services open.

SQLite's defaults lose updates silently: of 800 read-modify-writes by 8 processes, 700 were lost. A
write transaction that starts with BEGIN IMMEDIATE loses none, and with a write-ahead log and full
sync no acknowledged row was lost to kill -9.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.errors import BadFile, BadSettings, Conflict, EvicodeError

BUSY_SECONDS = 30.0
_WRITES = "evicode_writes"  # execution option: this transaction will write


def connect(database: str | Path | None = None, *, create: bool = True) -> Engine:
    """An engine on a SQLite file: a path or URL, else EVICODE_DATABASE, else data/evicode.sqlite.

    The file and its folder are made if missing and `create` is true. BadFile if the file is no
    database or cannot be written, BadSettings if the URL names another kind of database.
    """
    url = _locate(database)
    path = Path(url.database or "")
    _prepare_folder(path, create=create)
    engine = create_engine(
        url,
        hide_parameters=True,  # parameters hold note text; errors and logs must not
        logging_name="evicode",
        connect_args={"timeout": BUSY_SECONDS},
    )
    # At DEBUG, also if only set for "sqlalchemy", the rows that are read are logged: note text.
    logging.getLogger("sqlalchemy.engine.Engine.evicode").setLevel(logging.WARNING)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    _probe(engine)
    return engine


@contextmanager
def unit_of_work(engine: Engine, *, write: bool = True) -> Iterator[Session]:
    """A session in one transaction: all of it is committed, or nothing is.

    With `write` the transaction holds the write lock from its first statement, so nothing it read
    can change before it commits. Without, it reads one snapshot, blocks nobody and cannot write.
    """
    session = Session(engine.execution_options(**{_WRITES: write}), expire_on_commit=False)
    try:
        with session:
            yield session
            if write:
                session.commit()
    except DBAPIError as error:
        if not write and _kind(error) == sqlite3.SQLITE_READONLY:
            raise  # a mistake in our code, not of the file
        raise refusal(error, engine) or error from error


@contextmanager
def write_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that already holds the write lock, for work below the ORM (migrations)."""
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def refusal(error: DBAPIError, engine: Engine) -> EvicodeError | None:
    """The error to show when the database file itself is the trouble, else None."""
    name = engine.url.database
    match _kind(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Conflict(
                f"the database {name} was busy for {BUSY_SECONDS:.0f} s and nothing was written; "
                "try again, and see whether another program holds it open"
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return BadFile(
                f"{name} is not a database, or is damaged; restore a backup or name another file"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return BadFile(
                f"the database {name} cannot be opened for writing; check the permissions of the "
                "file and its folder, or name another file in EVICODE_DATABASE"
            )
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return BadFile(
                f"the database {name} could not be written and the last change was not kept; "
                "check the free space of its disk"
            )
    return None


def _kind(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the low byte is the kind, the rest its variety


def _locate(database: str | Path | None) -> URL:
    default = Path(__file__).resolve().parents[1] / "data" / "evicode.sqlite"
    name = str(database or os.environ.get("EVICODE_DATABASE") or default)
    if "://" not in name:
        return URL.create("sqlite", database=str(Path(name).expanduser().absolute()))
    url = make_url(name)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise BadSettings(
            f"{url.render_as_string(hide_password=True)!r} is not the URL of a SQLite file; "
            "set EVICODE_DATABASE to a path or to sqlite:///path"
        )
    return url.set(database=str(Path(url.database).absolute()))


def _prepare_folder(path: Path, *, create: bool) -> None:
    if not create and not path.is_file():
        raise BadFile(f"there is no database at {path}; check the path or EVICODE_DATABASE")
    if path.is_dir():
        raise BadFile(f"{path} is a folder; name a file for the database")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # notes are private
    except OSError as error:
        raise BadFile(
            f"the folder of the database {path} cannot be made ({error.strerror}); "
            "name another file in EVICODE_DATABASE"
        ) from error


def _probe(engine: Engine) -> None:
    """Take the write lock once, so that a file that cannot be used is known before any work."""
    try:
        with write_connection(engine):
            pass
    except DBAPIError as error:
        engine.dispose()
        raise refusal(error, engine) or error from error
    except EvicodeError:
        engine.dispose()
        raise


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction; _on_begin does
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE slips past the triggers


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL. Two first starts collide here without SQLite's own waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            break
    if mode != "wal":
        raise BadFile(
            f"the database cannot keep a write-ahead log (journal mode {mode}); "
            "put it on a local disk, not a network share"
        )


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
