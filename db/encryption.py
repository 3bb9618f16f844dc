"""Encryption at rest: a SQLite file that SQLCipher writes (AES-256 with a MAC for every page).

The key comes from EVICODE_DATABASE_KEY_FILE, a file of mode 0600, or from EVICODE_DATABASE_KEY: 64
hexadecimal digits, which `openssl rand -hex 32` makes. It is handed to the library as bytes, never
in an SQL statement, a URL, an argument of a program or a message. Who loses it loses the notes.
"""

import re
import sqlite3
import stat
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import BadSettings
from core.settings import settings

SETTING, FILE_SETTING = "EVICODE_DATABASE_KEY", "EVICODE_DATABASE_KEY_FILE"
MAKE = "make one with `openssl rand -hex 32`"
_KEY = re.compile(r"[0-9a-fA-F]{64}")


def is_wanted() -> bool:
    """Whether a key is set."""
    given = settings()
    return bool(given.database_key or given.database_key_file)


def driver() -> ModuleType:
    """What opens SQLite files: SQLCipher if a key is set. BadSettings if it is not installed."""
    if not is_wanted():
        return sqlite3
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise BadSettings(
            f"{SETTING} is set, but SQLCipher is not installed; run "
            "`pip install -r requirements-encryption.txt`, or take the key away"
        ) from error
    module: ModuleType = dbapi2
    return module


def opened(path: str | Path, **options: Any) -> Any:  # Any: a connection of either driver
    """A bare connection to a file, with its key if one is set."""
    module = driver()
    connection = module.connect(str(path), **options)
    if module is not sqlite3:
        unlock(connection)
    return connection


def unlock(connection: Any) -> None:  # Any: sqlcipher3 has no types
    """Hand a fresh connection the key. A wrong one shows when the file is first read."""
    connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to standard error
    connection.set_key(b"x'%s'" % _key().encode())  # as it is: not a passphrase to stretch


def advice() -> str:
    """What to look at when a file turns out to be no database."""
    if is_wanted():
        return (
            f"is not encrypted, is not encrypted with this key, or is damaged; check {SETTING} "
            f"or {FILE_SETTING}, or encrypt a plain database with `python -m db encrypt`"
        )
    return (
        f"is not a database, is encrypted (then set {FILE_SETTING}), or is damaged; restore a "
        "backup or name another file"
    )


def _key() -> str:
    given = settings()
    named = given.database_key_file
    key = _read(named) if named else given.database_key
    if not _KEY.fullmatch(key.strip()):
        # the key itself, also a wrong one, is in no message
        raise BadSettings(
            f"the key of {FILE_SETTING if named else SETTING} is not 64 hexadecimal digits; {MAKE}"
        )
    return key.strip()


def _read(path: Path) -> str:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadSettings(f"others can read the key {path}; run `chmod 600` on it")
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"the key {path} cannot be read; check {FILE_SETTING}, or {MAKE}"
        ) from error
