"""Migrations: from nothing, back and forth, twice at once, and never over somebody else's file."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

import db
from core.errors import BadFile
from db.schema import downgrade
from db.tables import Base


def _schema(path: Path) -> dict[str, list[str]]:
    """Name -> lines, in any order, of what made each table and index but Alembic's own."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') "
            "AND sql IS NOT NULL AND name <> 'alembic_version'"
        ).fetchall()
    connection.close()
    return {name: sorted(line.strip(" ,\t") for line in sql.splitlines()) for name, sql in rows}


def _everything(path: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")
        return rows.fetchall()


def test_the_migrated_schema_is_the_one_the_tables_describe(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_migrated_statements_are_the_ones_the_tables_would_create(
    migrated_file: Path, tmp_path: Path
) -> None:
    """Stricter than Alembic's comparison, which passes over CHECK constraints."""
    engine = db.connect(tmp_path / "created.sqlite")
    with engine.execution_options(evicode_writes=True).begin() as connection:
        Base.metadata.create_all(connection)
    engine.dispose()
    assert _schema(tmp_path / "created.sqlite") == _schema(migrated_file)


def test_down_to_nothing_and_up_again_gives_the_same_schema(database: Path) -> None:
    engine = db.connect(database)
    before = _everything(database)
    downgrade(engine, to="base")
    assert _schema(database) == {}
    db.migrate(engine)
    engine.dispose()
    assert _everything(database) == before


def test_migrating_again_changes_nothing(database: Path) -> None:
    engine = db.connect(database)
    before = _everything(database)
    db.migrate(engine)
    engine.dispose()
    assert _everything(database) == before


def test_processes_that_start_at_once_all_find_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "evicode.sqlite"
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "db", "migrate", "--database", str(path)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    outcomes = [(start.communicate(timeout=60), start.returncode) for start in starts]
    assert [(errors, code) for (_, errors), code in outcomes] == [("", 0)] * 3
    engine = db.connect(path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_a_newer_schema_is_refused_and_left_alone(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    before = _everything(database)
    engine = db.connect(database)
    with pytest.raises(BadFile, match="schema 0999, which this version does not know"):
        db.migrate(engine)
    engine.dispose()
    assert _everything(database) == before


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "browser-history.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visits (url TEXT)")
    engine = db.connect(path)
    with pytest.raises(BadFile, match="database of another program"):
        db.migrate(engine)
    engine.dispose()
    assert [name for _, name, _ in _everything(path)] == ["visits"]


def test_a_migration_that_fails_halfway_leaves_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_table = Operations.create_table

    def fail_at_decisions(self, name, *columns, **options):
        if name == "decisions":
            raise OSError("the disk went away")
        return create_table(self, name, *columns, **options)

    monkeypatch.setattr(Operations, "create_table", fail_at_decisions)
    engine = db.connect(tmp_path / "evicode.sqlite")
    with pytest.raises(OSError, match="disk went away"):
        db.migrate(engine)
    engine.dispose()
    assert _everything(tmp_path / "evicode.sqlite") == []
