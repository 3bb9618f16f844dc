"""Copies of a PostgreSQL database, by pg_dump and pg_restore."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import URL, Engine

from core.errors import BadFile, BadSettings
from db.engine import connect


def copy(engine: Engine, path: Path) -> None:
    """Dump the live database into one file, of one moment; writers need not stop."""
    _run("pg_dump", engine.url, "--format=custom", "--no-owner", f"--file={path}")


@contextmanager
def opened(engine: Engine, path: Path) -> Iterator[Engine]:
    """The backup in a scratch database of the same server, dropped afterwards unless renamed."""
    if path.read_bytes()[:5] != b"PGDMP":
        raise BadFile(f"{path} is no backup of a PostgreSQL database; name another file")
    name = f"{engine.url.database}_{os.urandom(4).hex()}"
    scratch = engine.url.set(database=name)
    create, drop = (
        "CREATE DATABASE {} TEMPLATE template0",
        "DROP DATABASE IF EXISTS {} WITH (FORCE)",
    )
    _on_server(engine, _named(create, name))
    try:
        _run("pg_restore", scratch, "--no-owner", "--exit-on-error", path)
        fresh = connect(scratch.render_as_string(hide_password=False))
        try:
            yield fresh
        finally:
            fresh.dispose()
    finally:
        _on_server(engine, _named(drop, name))


def replace(engine: Engine, fresh: Engine, *, keep: bool) -> None:
    """Give the fresh database the old one's name; the old one keeps a name with the time."""
    old, new = str(engine.url.database), str(fresh.url.database)
    engine.dispose()
    fresh.dispose()
    aside = f"{old}_before_{datetime.now(UTC):%Y%m%dt%H%M%S}"
    rename = "ALTER DATABASE {} RENAME TO {}"
    _on_server(engine, _named(rename, old, aside), _named(rename, new, old))
    if not keep:  # it was empty
        _on_server(engine, _named("DROP DATABASE {}", aside))


def _named(statement: LiteralString, *names: str) -> Composed:
    return SQL(statement).format(*map(Identifier, names))


def _on_server(engine: Engine, *statements: Composed) -> None:
    """Run statements about whole databases, from the server's own; several in one transaction."""
    url = engine.url.set(drivername="postgresql", database="postgres")
    try:
        with psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=len(statements) == 1
        ) as connection:
            for statement in statements:
                connection.execute(statement)
    except psycopg.Error as error:
        raise BadFile(
            f"the server refused to copy or rename the database {engine.url.database} "
            f"({error.diag.message_primary or type(error).__name__}); stop Evicode, and use a "
            "user that may create databases"
        ) from error


def _run(program: str, url: URL, *arguments: str | Path) -> None:
    found = shutil.which(program)
    if found is None:
        raise BadSettings(f"{program} is not installed; install PostgreSQL's client programs")
    password = {"PGPASSWORD": url.password} if url.password else {}
    bare = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603  (a program found on the path, no shell)
        [found, f"--dbname={bare}", *map(str, arguments)],
        env=os.environ | password,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").splitlines()
        reason = next((line for line in said if "error" in line), "no reason given")  # no row
        raise BadFile(
            f"{program} could not copy {url.database} ({reason}); "
            "check the file, the disk, and that the user may create databases"
        )
