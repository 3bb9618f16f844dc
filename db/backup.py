"""Back up and restore, while the app runs: every copy is checked before anybody relies on it.

SQLite is copied by its own backup API (a copy of the live file would lack what is still in its
log), PostgreSQL by pg_dump and pg_restore. A copy holds the text of all notes: mode 0600.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, inspect

from core.errors import BadFile, BadSettings
from db import backup_postgresql, backup_sqlite, encryption
from db.engine import connect
from db.heads import Head
from db.schema import migrate
from db.verify import Verdict, verify

_KINDS = {"sqlite": backup_sqlite, "postgresql": backup_postgresql}
_NAME = "evicode-%Y%m%dT%H%M%SZ.backup"
_GLOB = "evicode-*Z.backup"


def backup(engine: Engine, path: Path) -> Verdict:
    """Copy the database to a file, whole or not at all, and verify the copy.

    BadFile if the file exists or cannot be written, if the database is damaged, or if a program
    that is needed is not installed.
    """
    if path.exists():
        raise BadFile(f"{path} exists; name a new file for each backup")
    kind = _KINDS[engine.dialect.name]
    with _beside(path) as copy:
        kind.copy(engine, copy)
        with kind.opened(engine, copy) as reading:
            verdict = _checked(reading, f"the backup of {engine.url.database}")
        with open(copy, "rb") as file:
            os.fsync(file.fileno())
        os.replace(copy, path)
    return verdict


def restore(
    database: str | Path | None, path: Path, *, force: bool = False, head: Head | None = None
) -> Verdict:
    """Put a backup in place of a database, once it is verified and brought to today's schema.

    BadFile if the backup is damaged, or if there is a database already and not `force`; nothing
    is changed then. With `force`, what was there is kept under a name of its own.
    """
    if not path.is_file():
        raise BadFile(f"there is no backup at {path}; check the path")
    engine = connect(database)
    try:
        kind = _KINDS[engine.dialect.name]
        if not force and inspect(engine).get_table_names():
            raise BadFile(
                f"{engine.url.database} holds a database; add --force to put the backup in its "
                "place (what is there is kept under another name)"
            )
        with kind.opened(engine, path) as fresh:
            verdict = _checked(fresh, str(path), head=head)
            kind.replace(engine, fresh, keep=force)
    finally:
        engine.dispose()
    return verdict


def encrypt(plain: Path, path: Path) -> Verdict:
    """Copy a plain SQLite database into a new file with the key that is set, and verify it.

    Nobody may write to it meanwhile. BadFile if it is none, or if the new file exists.
    """
    if not encryption.is_wanted():
        raise BadSettings(f"there is no key; set {encryption.FILE_SETTING}: {encryption.MAKE}")
    if path.exists() or not plain.is_file():
        raise BadFile(f"{plain} must be a database and {path} a file that is not there yet")
    with _beside(path) as copy:
        backup_sqlite.encrypt(plain, copy)
        written = connect(copy)
        try:
            verdict = _checked(written, str(plain))
        finally:
            written.dispose()
        backup_sqlite.settle(copy)
        os.replace(copy, path)
    return verdict


def backup_if_due(
    engine: Engine, folder: Path, *, every: timedelta, keep: int, now: datetime
) -> Path | None:
    """Write a backup to a folder if its newest is old enough, and drop all but the newest `keep`.

    None if nothing was due. BadFile as `backup`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known, newest = sorted(folder.glob(_GLOB)), newest_backup(folder)
    if newest is not None and now - newest[1] < every:
        return None
    path = folder / now.strftime(_NAME)
    backup(engine, path)
    for old in [*known, path][:-keep]:
        old.unlink(missing_ok=True)
    return path


def newest_backup(folder: Path) -> tuple[Path, datetime] | None:
    """The newest backup that was scheduled, and when it was written; None if there is none."""
    newest = max(folder.glob(_GLOB), default=None)
    if newest is None:
        return None
    return newest, datetime.strptime(f"{newest.name}+0000", f"{_NAME}%z")


def _checked(engine: Engine, name: str, *, head: Head | None = None) -> Verdict:
    if not inspect(engine).get_table_names():
        raise BadFile(f"{name} holds nothing; use another backup")
    try:
        migrate(engine)  # an older backup gets its trail here
    except BadFile as error:
        raise BadFile(f"{name} cannot be used: {error}") from error
    verdict = verify(engine, head=head)
    if verdict.fault is not None:
        raise BadFile(f"{name} is damaged ({verdict.fault}); use another backup")
    return verdict


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """An empty private file in the folder of `path`, gone afterwards if it was not moved."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix="~")
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for left in Path(name).parent.glob(f"{Path(name).name}*"):
            left.unlink()
