# ruff: noqa: S608  (the statements are ours)
"""What was shown and decided cannot be changed or removed, whatever statement tries."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

import db
from db.records import Action
from db.tables import Base, DecisionRow
from tests.db.desk import FEVER, a_note, decide
from tests.db.filling import bury, fill

CACHES = {"benefits", "computed_evidence"}  # nobody's record: they can be computed again
WORKING = {"logins", "login_failures"}  # nobody's record either: they say who is logged in now
TABLES = sorted(Base.metadata.tables.keys() - CACHES - WORKING)


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A database with at least one row in every table."""
    with db.unit_of_work(engine) as session:
        fill(session)
    bury(engine)
    return engine


def _execute(engine: Engine, *statements: str) -> None:
    with db.unit_of_work(engine) as session:
        for statement in statements:
            session.execute(text(statement))


def _rows(engine: Engine, table: str) -> list[object]:
    with db.unit_of_work(engine, write=False) as session:
        return list(session.execute(text(f"SELECT * FROM {table}")))


ANYWHERE = [
    "DELETE FROM {table}",
    "UPDATE {table} SET {key} = {key} + 100",
    "UPDATE {table} SET {key} = {key}",
]
SQLITE = ["INSERT OR REPLACE INTO {table} SELECT * FROM {table}"]
POSTGRESQL = [
    "TRUNCATE {table} CASCADE",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = 7",
]
STATEMENTS = {"sqlite": [*ANYWHERE, *SQLITE], "postgresql": [*ANYWHERE, *POSTGRESQL]}


@pytest.mark.parametrize("table", TABLES)
def test_no_table_lets_a_row_go_or_change(full: Engine, table: str) -> None:
    before = _rows(full, table)
    assert before
    (key,) = Base.metadata.tables[table].primary_key
    for statement in STATEMENTS[full.dialect.name]:
        refused = f"{'[a-z_]+' if 'CASCADE' in statement else table} can only be added to"
        with pytest.raises(IntegrityError, match=refused):
            _execute(full, statement.format(table=table, key=key.name))
        assert _rows(full, table) == before


@pytest.mark.parametrize("cache", sorted(CACHES))
@pytest.mark.parametrize("change", ["id = id", "content = '{}'"])
def test_what_was_computed_may_go_but_never_changes(full: Engine, change: str, cache: str) -> None:
    before = _rows(full, cache)
    assert before
    with pytest.raises(IntegrityError, match=f"{cache} can only be added to"):
        _execute(full, f"UPDATE {cache} SET {change}")
    assert _rows(full, cache) == before
    _execute(full, f"DELETE FROM {cache}")
    assert _rows(full, cache) == []


def test_an_orm_row_cannot_be_edited_either(full: Engine) -> None:
    def edit() -> None:
        with db.unit_of_work(full) as session:
            row = session.get(DecisionRow, 1)
            assert row is not None
            row.coder = "eve"

    with pytest.raises(IntegrityError, match="decisions can only be added to"):
        edit()


BROKEN = {
    "action": "UPDATE bad SET action = 'maybe'",
    "reason": "UPDATE bad SET action = 'reject', reason = '  '",
    "replaces": "UPDATE bad SET action = 'retract'",
    "sequence": "UPDATE bad SET sequence = 0",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_decision_that_breaks_a_rule_is_refused_by_the_database(full: Engine, rule: str) -> None:
    with pytest.raises(IntegrityError, match=f"ck_decisions_{rule}"):
        _execute(
            full,
            "CREATE TEMP TABLE bad AS SELECT * FROM decisions",
            "UPDATE bad SET id = 99, sequence = 99, token = 'new'",
            BROKEN[rule],
            "INSERT INTO decisions SELECT * FROM bad",
        )


@pytest.mark.parametrize("probability", [-0.01, 1.01])
def test_a_probability_beyond_one_is_refused(full: Engine, probability: float) -> None:
    with pytest.raises(IntegrityError, match="ck_suggestions_probability"):
        _execute(
            full,
            "INSERT INTO suggestions (screen_id, task, system, code, title, rank, probability,"
            f" source) VALUES (1, 'icd', 'ICD-10-CM', 'Z99', 'x', 9, {probability}, 'network')",
        )


@pytest.mark.parametrize(("table", "parent"), [("marks", "decision"), ("evidence", "explanation")])
def test_an_empty_span_is_refused(full: Engine, table: str, parent: str) -> None:
    extra, value = (", rank, score", ", 9, 1.0") if table == "evidence" else ("", "")
    statement = f'INSERT INTO {table} ({parent}_id, "start", "end"{extra}) VALUES (1, 5, 5{value})'
    with pytest.raises(IntegrityError, match=f"ck_{table}_span"):
        _execute(full, statement)


def test_a_sequence_is_given_once_and_a_decision_is_retracted_once(full: Engine) -> None:
    def retract(sequence: int) -> str:
        return (
            "INSERT INTO decisions (note_id, sequence, system, code, title, action, coder,"
            f" decided_at, token, replaces) SELECT note_id, {sequence}, system, code, title,"
            f" 'retract', coder, decided_at, 't{sequence}', id FROM decisions WHERE sequence = 1"
        )

    with pytest.raises(IntegrityError, match=r"decisions[._]note_id.*sequence"):
        _execute(full, retract(1))
    with pytest.raises(IntegrityError, match=r"decisions\.replaces|uq_decisions_retracted"):
        _execute(full, retract(2), retract(3))


def test_a_decision_on_a_note_that_is_not_there_is_refused(full: Engine) -> None:
    with pytest.raises(IntegrityError, match=r"FOREIGN KEY|foreign key"):
        _execute(
            full,
            "INSERT INTO chart_events (note_id, coder, turn, at) "
            "VALUES (77, 'ana', 'opened', '2026-01-01')",
        )


def test_more_can_always_be_added(full: Engine) -> None:
    with db.unit_of_work(full) as session:
        note = a_note(session, name="second", text="Another note.")
        assert decide(session, note, FEVER, Action.REJECT).sequence == 1
