# ruff: noqa: S608  (the statements are ours)
"""What was shown and decided cannot be changed or removed, whatever statement tries."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import db
from core.types import Span
from db import audits, charts, computed, details, said, screens, trials, worklist
from db.audit_records import Drawn, FindingDraft, FindingKind
from db.records import Action, Computed, EvidenceKey, Screen, StoredNote, Turn
from db.tables import Base, DecisionRow
from db.trials import TrialKind
from db.workflow_records import DetailDraft, Field, Work
from tests.db.desk import (
    FEVER,
    PRESSURE,
    TOKEN,
    a_note,
    a_screen,
    clock,
    decide,
    some_evidence,
    some_words,
)

CACHE = "computed_evidence"  # nobody's record: it can be computed again
TABLES = sorted(Base.metadata.tables.keys() - {CACHE})


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A database with at least one row in every table."""
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        screen = a_screen(session, note)
        shown = screen.suggestions[0]
        evidence = some_evidence()
        kept = screens.record_explanation(session, evidence, suggestion_id=shown.id, at=clock())
        said.record(session, some_words(kept.id))
        decide(session, note, PRESSURE, evidence=(Span(0, 5),))
        charts.record(session, note.id, Turn.OPENED, coder="ana", at=clock())
        key = EvidenceKey(
            note_id=note.id, code=PRESSURE, method="attention", checkpoint_hash="c0ffee"
        )
        computed.keep(session, key, Computed(explanation=some_evidence(), at=clock()))
        _fill_workflow(session, note, screen)
    return engine


def _fill_workflow(session: Session, note: StoredNote, screen: Screen) -> None:
    """A row in each table of `db.workflow_tables`."""
    worklist.claim(session, Work(note_id=note.id), coder="ana", at=clock())
    comment = DetailDraft(
        note_id=note.id, field=Field.COMMENT, code=None, value="?", coder="ana", token=TOKEN
    )
    details.append(session, comment, seen=0, at=clock())
    drawn = {"sample": "one", "method": "random", "seed": 0, "population": 1, "drawn_by": "lead"}
    (audit,) = audits.draw(session, [Drawn(note_id=note.id)], at=clock(), **drawn)
    finding = FindingDraft(
        audit_id=audit.id, kind=FindingKind.REMOVED, code=PRESSURE, auditor="eva", token=TOKEN
    )
    audits.add_finding(session, finding, at=clock())
    audits.finish(session, audit.id, auditor="eva", at=clock())
    trials.record(session, note.id, TrialKind.SEEDED, coder="bob", by="lead", at=clock())
    trials.plant(session, screen, code=FEVER, sibling=PRESSURE, at=clock())


def _execute(engine: Engine, *statements: str) -> None:
    with db.unit_of_work(engine) as session:
        for statement in statements:
            session.execute(text(statement))


def _rows(engine: Engine, table: str) -> list[object]:
    with db.unit_of_work(engine, write=False) as session:
        return list(session.execute(text(f"SELECT * FROM {table}")))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {table}",
        "UPDATE {table} SET id = id + 100",
        "UPDATE {table} SET id = id",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ],
)
def test_no_table_lets_a_row_go_or_change(full: Engine, table: str, statement: str) -> None:
    before = _rows(full, table)
    assert before
    with pytest.raises(IntegrityError, match=f"{table} can only be added to"):
        _execute(full, statement.format(table=table))
    assert _rows(full, table) == before


@pytest.mark.parametrize("change", ["id = id", "content = '{}'"])
def test_computed_evidence_may_go_but_never_changes(full: Engine, change: str) -> None:
    before = _rows(full, CACHE)
    assert before
    with pytest.raises(IntegrityError, match=f"{CACHE} can only be added to"):
        _execute(full, f"UPDATE {CACHE} SET {change}")
    assert _rows(full, CACHE) == before
    _execute(full, f"DELETE FROM {CACHE}")
    assert _rows(full, CACHE) == []


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

    with pytest.raises(IntegrityError, match=r"note_id, decisions\.sequence"):
        _execute(full, retract(1))
    with pytest.raises(IntegrityError, match=r"decisions\.replaces"):
        _execute(full, retract(2), retract(3))


def test_a_decision_on_a_note_that_is_not_there_is_refused(full: Engine) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        _execute(
            full,
            "INSERT INTO chart_events (note_id, coder, turn, at) "
            "VALUES (77, 'ana', 'opened', '2026-01-01')",
        )


def test_more_can_always_be_added(full: Engine) -> None:
    with db.unit_of_work(full) as session:
        note = a_note(session, name="second", text="Another note.")
        assert decide(session, note, FEVER, Action.REJECT).sequence == 1
