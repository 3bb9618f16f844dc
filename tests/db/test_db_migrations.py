"""Migrations: from nothing, back and forth, twice at once, and never over somebody else's file."""

# ruff: noqa: S106, S608  (tokens are no secrets; the statements are ours)
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

import db
from core.errors import BadFile, BadInput
from core.types import Encounter
from db import charts, decisions, details, feedback, notes, screens
from db.engine import write_connection
from db.records import Pass, Turn
from db.schema import downgrade
from db.tables import Base
from db.verify import verify
from db.workflow_records import DetailDraft, Field
from tests.db.desk import clock


def _schema(path: Path) -> dict[str, list[str]]:
    """Name -> parts, in any order, of what made each table and index but Alembic's own."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') "
            "AND sql IS NOT NULL AND name <> 'alembic_version'"
        ).fetchall()
    connection.close()
    return {name: sorted(_parts(sql)) for name, sql in rows}


def _parts(sql: str) -> list[str]:
    """A statement cut at its outermost commas; a column added later stands behind all others."""
    inside = sql[sql.index("(") + 1 : sql.rindex(")")]
    parts, depth = [""], 0
    for character in inside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [" ".join(part.split()) for part in parts] + [
        sql[: sql.index("(")],
        sql[sql.rindex(")") :],
    ]


POSTGRESQL = """
    SELECT 'column', table_name || '.' || column_name,
        data_type || is_nullable || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, prosrc
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3
"""


def _everything(path: str | Path) -> list[tuple[str, str, str]]:
    """Kind, name and definition of all there is."""
    if "://" in str(path):
        with psycopg.connect(str(path)) as server:
            return server.execute(POSTGRESQL).fetchall()
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


def test_down_to_nothing_and_up_again_gives_the_same_schema(database: str) -> None:
    engine = db.connect(database)
    before = _everything(database)
    downgrade(engine, to="base")
    left = [each for each in _everything(database) if "alembic_version" not in each[1]]
    assert left == []
    db.migrate(engine)
    engine.dispose()
    assert _everything(database) == before


def test_migrating_again_changes_nothing(database: str) -> None:
    engine = db.connect(database)
    before = _everything(database)
    db.migrate(engine)
    engine.dispose()
    assert _everything(database) == before


def test_processes_that_start_at_once_all_find_the_schema(empty: str) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "db", "migrate", "--database", empty],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    outcomes = [(start.communicate(timeout=60), start.returncode) for start in starts]
    assert [(errors, code) for (_, errors), code in outcomes] == [("", 0)] * 3
    engine = db.connect(empty)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


OLD = (
    "INSERT INTO notes VALUES (1, 'letter', 'Fever.', 'abc', 6, 'letter.txt', NULL, 'ana',"
    " '2026-01-02 03:00:00')",
    "INSERT INTO screens VALUES (1, 1, 'ana', 'marn', 'c0ffee', '{\"icd\": 0.5}', NULL, '0.1.0',"
    " '2026-01-02 03:00:00')",
    "INSERT INTO suggestions VALUES (1, 1, 'icd', 'ICD-10-CM', 'R50.9', 'Fever', NULL, NULL, 1,"
    " 0.75, 'network')",
    "INSERT INTO decisions VALUES (1, 1, 1, 'ICD-10-CM', 'R50.9', 'Fever', 'accept', NULL, 'ana',"
    " '2026-01-02 03:01:00', 'token', 1, 1, NULL)",
)


@pytest.fixture
def old(empty: str) -> Iterator[Engine]:
    """A database of the first schema with a decision on a suggestion in it."""
    engine = db.connect(empty)
    db.migrate(engine, to="0001")
    with write_connection(engine) as connection:
        for statement in OLD:
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def test_a_screen_of_the_first_schema_is_shown_as_it_was(old: Engine) -> None:
    db.migrate(old)
    with db.unit_of_work(old, write=False) as session:
        screen = screens.get(session, 1)
        (row,) = feedback.decided(session)
    assert (screen.memory, screen.coverage, screen.cut) == ("", None, None)
    (shown,) = screen.suggestions
    assert (shown.suggestion.source, shown.suggestion.probability) == ("network", 0.75)
    assert (shown.suggestion.provenance, shown.suggestion.contexts) == ("", ())
    assert (row.memory, row.source, row.provenance, row.contexts) == ("", "network", "", ())


def test_old_rows_cannot_be_changed_after_the_migration_or_the_way_back(old: Engine) -> None:
    db.migrate(old)
    downgrade(old, to="0001")
    db.migrate(old)
    for table in ("screens", "suggestions"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
            with (
                pytest.raises(IntegrityError, match=f"{table} can only be added to"),
                db.unit_of_work(old) as session,
            ):
                session.execute(text(statement))


def test_what_was_there_before_the_trail_is_chained_in_its_order_of_time(old: Engine) -> None:
    db.migrate(old)
    verdict = verify(old)
    assert (verdict.entries, verdict.fault) == (3, None)
    with old.connect() as connection:
        kinds = connection.execute(text("SELECT kind FROM trail ORDER BY sequence")).scalars()
        assert list(kinds) == ["notes", "screens", "decisions"]


REVISIONS = sorted(
    path.stem[-4:] for path in (Path(db.__file__).parent / "migrations/versions").glob("*_0*.py")
)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_released_schema_is_brought_up_to_todays_with_what_it_holds(
    old: Engine, revision: str
) -> None:
    db.migrate(old, to=revision)
    db.migrate(old)
    assert verify(old).fault is None
    with db.unit_of_work(old, write=False) as session:
        assert notes.get(session, 1).text == "Fever."
        assert [row.coder for row in decisions.of_note(session, 1)] == ["ana"]
    with old.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_going_back_before_the_cache_takes_nothing_else_along(old: Engine) -> None:
    db.migrate(old)
    with db.unit_of_work(old) as session:
        session.execute(
            text(
                "INSERT INTO computed_evidence VALUES (1, 1, 'ICD-10-CM', 'R50.9', 'attention',"
                " 'c0ffee', '', '', '{}', '2026-01-02 03:00:00')"
            )
        )
    downgrade(old, to="0002")
    with db.unit_of_work(old, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM decisions")).scalar() == 1
    assert not inspect(old).has_table("computed_evidence")
    db.migrate(old)
    with db.unit_of_work(old, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM computed_evidence")).scalar() == 0


def test_what_was_coded_before_there_were_passes_is_the_first_coding(old: Engine) -> None:
    db.migrate(old)
    with db.unit_of_work(old, write=False) as session:
        (row,) = decisions.of_note(session, 1)
        assert (row.coding_pass, row.coder) == (Pass.FIRST, "ana")
        assert decisions.of_note(session, 1, coding_pass=Pass.SECOND) == ()


def test_going_back_is_refused_once_a_note_was_coded_twice(old: Engine) -> None:
    db.migrate(old)
    downgrade(old, to="0003")  # nothing is lost yet
    db.migrate(old)
    with db.unit_of_work(old) as session:
        second = {"coder": "bob", "at": clock(), "coding_pass": Pass.SECOND}
        charts.record(session, 1, Turn.OPENED, **second)
    with pytest.raises(BadInput, match="chart_events holds second or adjudicated codings"):
        downgrade(old, to="0003")
    with db.unit_of_work(old, write=False) as session:
        assert len(charts.events(session, 1, coding_pass=Pass.SECOND)) == 1


def test_the_way_to_unrelated_pairs_and_back_keeps_every_detail(old: Engine) -> None:
    db.migrate(old)
    with db.unit_of_work(old) as session:
        said = {"note_id": 1, "code": None, "coder": "ana"}
        comment = DetailDraft(field=Field.COMMENT, value="short stay", token="a", **said)
        kept = details.append(session, comment, seen=0, at=clock())
        details.undo(session, 1, coder="ana", token="b", seen=1, at=clock())
    downgrade(old, to="0009")
    db.migrate(old)
    with db.unit_of_work(old) as session:
        assert details.of_note(session, 1)[0] == kept
        with pytest.raises(IntegrityError, match="details can only be added to"):
            session.execute(text("DELETE FROM details"))
    with db.unit_of_work(old) as session:
        apart = DetailDraft(field=Field.UNRELATED, value=details.unrelated([]), token="c", **said)
        details.append(session, apart, seen=2, at=clock())
    with pytest.raises(BadInput, match="pairs of unrelated codes"):
        downgrade(old, to="0009")


def test_a_note_of_an_older_schema_has_no_encounter_and_the_way_back_keeps_the_note(
    old: Engine,
) -> None:
    db.migrate(old)
    with db.unit_of_work(old, write=False) as session:
        note = notes.get(session, 1)
    assert (note.text, note.format, note.encounter) == ("Fever.", None, Encounter())
    downgrade(old, to="0003")
    with db.unit_of_work(old) as session:
        assert session.execute(text("SELECT text FROM notes")).scalar() == "Fever."
        with pytest.raises(IntegrityError, match="notes can only be added to"):
            session.execute(text("DELETE FROM notes"))


def test_a_newer_schema_is_refused_and_left_alone(database: str) -> None:
    engine = db.connect(database)
    with write_connection(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    before = _everything(database)
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
