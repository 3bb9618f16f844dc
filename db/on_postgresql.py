"""A PostgreSQL database: the same promises as on SQLite, and what the server's refusals mean.

All writing units of work take one advisory lock first, which is SQLite's BEGIN IMMEDIATE: whoever
holds it is the only writer, so nothing it read can change before it commits.
"""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import DataError, OperationalError, errors
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError

from core.errors import BadFile, BadInput, BadSettings, Conflict, EvicodeError

_WRITE_LOCK = 0x45564943  # "EVIC"; the lock is of this database alone
# A writer whose machine went away must not hold the lock for the two hours TCP would wait.
_TAKE_LOCK = (
    f"SELECT pg_advisory_xact_lock({_WRITE_LOCK}), "
    "set_config('idle_in_transaction_session_timeout', '300s', true)"
)


def prepare(url: URL, *, create: bool) -> URL:  # noqa: ARG001  (only a file can be created)
    """The URL with our driver. BadSettings if it names no database."""
    if not url.database:
        raise BadSettings(
            f"{url.render_as_string()} names no database; set EVICODE_DATABASE to "
            "postgresql://user@host/name"
        )
    return url.set(drivername="postgresql+psycopg")


def settings(_url: URL, *, busy_seconds: float) -> dict[str, Any]:  # Any: as create_engine takes
    """What `create_engine` is told beside the URL, whatever the server's own defaults are."""
    ours = {
        "lock_timeout": f"{busy_seconds * 1000:.0f}",
        "synchronous_commit": "on",
        # A snapshot taken while waiting for the lock would be stale once it is there.
        "default_transaction_isolation": r"read\ committed",
        "timezone": "UTC",
        "application_name": "evicode",
    }
    options = " ".join(f"-c {name}={value}" for name, value in ours.items())
    return {
        "connect_args": {"options": options, "connect_timeout": 10, "keepalives_idle": 30},
        "pool_pre_ping": True,  # a server that was restarted is no error
    }


def begin(connection: Connection, *, writes: bool) -> None:
    """Start a transaction: with the write lock, or reading one snapshot."""
    if writes:
        connection.exec_driver_sql(_TAKE_LOCK)
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def keep_values_out(context: ExceptionContext) -> None:
    """Cut an error to its first line: PostgreSQL's DETAIL quotes the row, note text and all."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said is None:
        return
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            kind = type(context.original_exception).__name__
            error.args = (f"({kind}) {said}", *error.args[1:])


def scrub(connection: "psycopg.Connection[Any]", tables: Iterable[str]) -> bool:
    """Write the tables anew without their dead rows. Nobody can use them for that moment."""
    connection.autocommit = True
    try:
        for table in tables:
            connection.execute(SQL("VACUUM (FULL) {}").format(Identifier(table)))
    finally:
        connection.autocommit = False
    return True


def wrote_while_reading(error: DBAPIError) -> bool:
    """Whether a unit of work that only reads tried to write: a mistake in our code."""
    return isinstance(error.orig, errors.ReadOnlySqlTransaction)


def refusal(error: DBAPIError, *, name: str, busy_seconds: float) -> EvicodeError | None:
    """The error to show when the server itself is the trouble, else None."""
    match error.orig:
        case errors.LockNotAvailable():
            return Conflict(
                f"the database {name} was busy for {busy_seconds:.0f} s and nothing was written; "
                "try again, and see whether another program holds it open"
            )
        case errors.SerializationFailure() | errors.DeadlockDetected():
            return Conflict(
                f"another program changed the database {name} at the same moment and nothing was "
                "written; try again"
            )
        case errors.InsufficientPrivilege():
            return BadFile(
                f"the user of EVICODE_DATABASE may not do this in the database {name}; make them "
                "its owner"
            )
        case errors.DiskFull():
            return BadFile(
                f"the database {name} could not be written and the last change was not kept; "
                "check the free space of its server's disk"
            )
        case OperationalError(sqlstate=None | "57P01" | "57P02" | "57P03" | "25P03"):
            return BadFile(
                f"the server of the database {name} cannot be reached, and what was not yet "
                "confirmed was not kept; start it, or check the address, user, password and name "
                "in EVICODE_DATABASE"
            )
        case DataError(sqlstate=None):  # psycopg's own, before anything was sent
            return BadInput("what was entered holds a NUL character; enter it again without")
    return None
