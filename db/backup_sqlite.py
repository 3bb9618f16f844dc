"""Copies of a SQLite database, by SQLite's own backup API."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.errors import BadFile
from db import encryption
from db.engine import connect


def copy(engine: Engine, path: Path) -> None:
    """Copy the live database into one file; writers need not stop. BadFile if it cannot be."""
    _copy(Path(str(engine.url.database)), path)
    settle(path)


def settle(path: Path) -> None:
    """Make it one file, no log beside it."""
    with closing(encryption.opened(path)) as copied:
        copied.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def opened(engine: Engine, path: Path) -> Iterator[Engine]:
    """A scratch copy of a backup beside the database, found whole; the backup is only read."""
    beside = Path(str(engine.url.database)).parent
    with tempfile.TemporaryDirectory(dir=beside, prefix=".evicode-") as folder:
        scratch = Path(folder, "evicode.sqlite")
        shutil.copyfile(path, scratch)
        _refuse_damage(scratch, path)
        fresh = connect(scratch)
        try:
            yield fresh
        finally:
            fresh.dispose()


def replace(engine: Engine, fresh: Engine, *, keep: bool) -> None:
    """Put the fresh database in place of the old one, in one transaction of SQLite's."""
    place = Path(str(engine.url.database))
    if keep:
        old = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
        copy(engine, old)
        old.chmod(0o600)
    engine.dispose()
    source = Path(str(fresh.url.database))
    fresh.dispose()
    _copy(source, place)


def encrypt(source: Path, target: Path) -> None:
    """Write a plain database into a new file, encrypted with the key that is set."""
    with closing(encryption.opened(target)) as new:
        new.isolation_level = None
        try:
            new.execute("ATTACH DATABASE ? AS plain KEY ''", (str(source),))
            new.execute("SELECT sqlcipher_export('main', 'plain')")
        except encryption.driver().Error as error:
            raise BadFile(f"{source} is no plain SQLite database, or is damaged") from error


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(encryption.opened(source)) as old, closing(encryption.opened(target)) as new:
            new.execute("PRAGMA busy_timeout = 30000")
            new.execute("PRAGMA synchronous = FULL")
            old.backup(new)
    except encryption.driver().Error as error:
        raise BadFile(
            f"{source} could not be copied to {target} ({error}); close what holds it open, and "
            "check the free space of the disk"
        ) from error


def _refuse_damage(copied: Path, path: Path) -> None:
    try:
        with closing(encryption.opened(copied)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    except encryption.driver().DatabaseError:
        raise BadFile(
            f"{path} is no backup of a SQLite database: it {encryption.advice()}"
        ) from None
    if found != "ok" or orphans:
        raise BadFile(f"{path} is damaged (SQLite's integrity check fails); use another backup")
