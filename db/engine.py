"""From a path or URL to an engine that loses nothing, and the unit of work that services open.

SQLite's and PostgreSQL's defaults lose updates silently: of 800 read-modify-writes by 8 processes,
700 were lost. A write transaction that holds the write lock from its start loses none, and with a
write-ahead log and full sync no acknowledged row was lost to kill -9 (docs/benchmarks/safety.md).
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session

from core.errors import BadSettings, Conflict, EvicodeError
from core.settings import settings
from db import on_postgresql, on_sqlite, trail

BUSY_SECONDS = 30.0
SESSIONS = 64  # at once; SQLAlchemy's own limit of 15 is less than a team
_WRITES = "evicode_writes"  # execution option: this transaction will write
_KINDS = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def connect(database: str | Path | None = None, *, create: bool = True) -> Engine:
    """An engine on a SQLite file or a PostgreSQL database.

    `database` is a path or URL, else EVICODE_DATABASE, else data/evicode.sqlite. A file and its
    folder are made if missing and `create` is true. BadFile if the file is no database or cannot
    be written, or the server cannot be reached; BadSettings if the URL is of neither kind.
    """
    url = _locate(database)
    kind = _KINDS[url.get_backend_name()]
    url = kind.prepare(url, create=create)
    engine = create_engine(
        url,
        hide_parameters=True,  # parameters hold note text; errors and logs must not
        logging_name="evicode",
        pool_size=5,
        max_overflow=SESSIONS - 5,
        pool_timeout=BUSY_SECONDS,
        **kind.settings(url, busy_seconds=BUSY_SECONDS),
    )
    # At DEBUG, also if only set for "sqlalchemy", the rows that are read are logged: note text.
    logging.getLogger("sqlalchemy.engine.Engine.evicode").setLevel(logging.WARNING)
    event.listen(engine, "begin", _on_begin)
    if kind is on_sqlite:
        event.listen(engine, "connect", on_sqlite.on_connect)
    else:
        event.listen(engine, "handle_error", on_postgresql.keep_values_out)
    _probe(engine)
    return engine


@contextmanager
def unit_of_work(engine: Engine, *, write: bool = True) -> Iterator[Session]:
    """A session in one transaction: all of it is committed, or nothing is.

    With `write` the transaction holds the write lock from its first statement, so nothing it read
    can change before it commits, and every record it adds gets its entry in the trail. Without, it
    reads one snapshot, blocks nobody and cannot write.
    """
    session = Session(engine.execution_options(**{_WRITES: write}), expire_on_commit=False)
    try:
        with session:
            added = trail.watch(session)
            yield session
            if write:
                session.flush()
                trail.append(session.connection(), added)
                session.commit()
    except PoolExhausted as error:
        raise Conflict(
            f"{SESSIONS} people were using the database for {BUSY_SECONDS:.0f} s and nothing was "
            "written; try again"
        ) from error
    except DBAPIError as error:
        if not write and _kind(engine).wrote_while_reading(error):
            raise  # a mistake in our code, not of the database
        raise refusal(error, engine) or error from error


@contextmanager
def write_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that already holds the write lock, for work below the ORM (migrations)."""
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def scrub(engine: Engine, tables: Iterable[str]) -> bool:
    """Take what was deleted from these tables out of the database's files too.

    False if somebody was reading, so that a log still holds it: call it again later.
    """
    connection = engine.raw_connection()
    try:
        return bool(_kind(engine).scrub(connection.driver_connection, tables))
    finally:
        connection.close()


def refusal(error: DBAPIError, engine: Engine) -> EvicodeError | None:
    """The error to show when the database itself is the trouble, else None."""
    said: EvicodeError | None = _kind(engine).refusal(
        error, name=str(engine.url.database), busy_seconds=BUSY_SECONDS
    )
    return said


def _kind(engine: Engine) -> ModuleType:
    return _KINDS[engine.url.get_backend_name()]


def _locate(database: str | Path | None) -> URL:
    default = Path(__file__).resolve().parents[1] / "data" / "evicode.sqlite"
    name = str(database or settings().database or default)
    if "://" not in name:
        return URL.create("sqlite", database=name)
    try:
        url = make_url(name)
    except (ArgumentError, ValueError):
        raise BadSettings(  # "from None": the original error may quote a password
            "EVICODE_DATABASE is no URL; set it to a path or to postgresql://user@host/name"
        ) from None
    if url.get_backend_name() not in _KINDS:
        raise BadSettings(
            f"{url.render_as_string(hide_password=True)!r} is the URL of neither a SQLite file nor "
            "a PostgreSQL database; set EVICODE_DATABASE to a path, to sqlite:///path or to "
            "postgresql://user@host/name"
        )
    return url


def _probe(engine: Engine) -> None:
    """Take the write lock once, so that what cannot be used is known before any work."""
    try:
        with write_connection(engine):
            pass
    except DBAPIError as error:
        engine.dispose()
        raise refusal(error, engine) or error from error
    except EvicodeError:
        engine.dispose()
        raise


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    _kind(connection.engine).begin(connection, writes=writes)
