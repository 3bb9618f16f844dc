"""A SQLite file: how it is found, opened so that it loses nothing, and what its refusals mean."""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from core.errors import BadFile, BadSettings, Conflict, EvicodeError
from db import encryption

_PATIENCE_SECONDS = 30.0


def prepare(url: URL, *, create: bool) -> URL:
    """The URL with an absolute path; its folder is made if `create`. BadFile if it cannot be."""
    if not url.database or url.database == ":memory:":
        raise BadSettings(
            "a database in memory forgets everything; set EVICODE_DATABASE to a path, to "
            "sqlite:///path or to postgresql://user@host/name"
        )
    path = Path(url.database).expanduser().absolute()
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
    return url.set(database=str(path))


def settings(url: URL, *, busy_seconds: float) -> dict[str, Any]:  # Any: as create_engine takes
    """What `create_engine` is told beside the URL."""
    options = {"timeout": busy_seconds, "check_same_thread": False}  # its pool keeps them apart
    if not encryption.is_wanted():
        return {"connect_args": options}
    # in place of the URL's own way, so that the key is there before anything reads the file
    return {
        "module": encryption.driver(),
        "creator": lambda: encryption.opened(str(url.database), **options),
    }


def on_connect(connection: sqlite3.Connection, _record: object) -> None:
    """Make a fresh connection safe: write-ahead log, full sync, foreign keys, triggers."""
    connection.isolation_level = None  # the driver opens no transaction; `begin` does
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted leaves no bytes behind
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE slips past the triggers


def begin(connection: Connection, *, writes: bool) -> None:
    """Start a transaction: with the write lock, or reading one snapshot."""
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def scrub(connection: sqlite3.Connection, _tables: Iterable[str]) -> bool:
    """Empty the log, which holds pages as they were; the file's own are wiped on deletion."""
    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def wrote_while_reading(error: DBAPIError) -> bool:
    """Whether a unit of work that only reads tried to write: a mistake in our code."""
    return _kind(error) == sqlite3.SQLITE_READONLY


def refusal(error: DBAPIError, *, name: str, busy_seconds: float) -> EvicodeError | None:
    """The error to show when the file itself is the trouble, else None."""
    match _kind(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Conflict(
                f"the database {name} was busy for {busy_seconds:.0f} s and nothing was written; "
                "try again, and see whether another program holds it open"
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return BadFile(f"{name} {encryption.advice()}")
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


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL. Two first starts collide here without SQLite's own waiting."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except encryption.driver().OperationalError as error:
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
