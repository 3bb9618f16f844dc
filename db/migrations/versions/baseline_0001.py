"""Baseline: notes, screens, explanations, decisions, chart events; all of them append-only."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (  # parents first
    "notes",
    "chart_events",
    "screens",
    "suggestions",
    "explanations",
    "evidence",
    "decisions",
    "marks",
)


def upgrade() -> None:
    _create_notes()
    _create_screens()
    _create_explanations()
    _create_decisions()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSE_CHANGE)
    append_only = APPEND_ONLY[op.get_bind().dialect.name]
    for table in TABLES:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _append_only_in_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
        for event in ("UPDATE", "DELETE")
    ]


REFUSE_CHANGE = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% can only be added to', TG_TABLE_NAME "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def _append_only_in_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]


APPEND_ONLY = {  # dialect -> the statements that guard a table
    "sqlite": _append_only_in_sqlite,
    "postgresql": _append_only_in_postgresql,
}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _real(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=nullable)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _refers(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name="_".join(("uq", table, *columns)))


def _index(table: str, *columns: str) -> None:
    op.create_index("_".join(("ix", table, *columns)), table, list(columns))


def _create_notes() -> None:
    op.create_table(
        "notes",
        _number("id"),
        _text("name"),
        _text("text"),
        _text("sha256"),
        _number("characters"),
        _text("source"),
        _text("language", nullable=True),
        _text("uploaded_by"),
        _time("created_at"),
        _check("notes", "not_empty", "characters > 0"),
        _key("notes"),
        _unique("notes", "name"),
        _unique("notes", "sha256"),
    )
    op.create_table(
        "chart_events",
        _number("id"),
        _number("note_id"),
        _text("coder"),
        _text("turn"),
        _time("at"),
        _check("chart_events", "turn", "turn IN ('opened', 'finished', 'reopened')"),
        _key("chart_events"),
        _refers("chart_events", "note_id", "notes"),
    )
    _index("chart_events", "note_id", "turn")


def _create_screens() -> None:
    op.create_table(
        "screens",
        _number("id"),
        _number("note_id"),
        _text("coder"),
        _text("checkpoint"),
        _text("checkpoint_hash"),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        _number("truncated_at", nullable=True),
        _text("app_version"),
        _time("shown_at"),
        _check("screens", "truncated_at", "truncated_at >= 0"),
        _key("screens"),
        _refers("screens", "note_id", "notes"),
    )
    _index("screens", "note_id", "coder")
    op.create_table(
        "suggestions",
        _number("id"),
        _number("screen_id"),
        _text("task"),
        _text("system"),
        _text("code"),
        _text("title"),
        _text("category_system", nullable=True),
        _text("category_code", nullable=True),
        _number("rank"),
        _real("probability"),
        _text("source"),
        _check("suggestions", "probability", "probability >= 0 AND probability <= 1"),
        _check("suggestions", "rank", "rank >= 1"),
        _key("suggestions"),
        _refers("suggestions", "screen_id", "screens"),
        _unique("suggestions", "screen_id", "task", "rank"),
        _unique("suggestions", "screen_id", "task", "system", "code"),
    )


def _create_explanations() -> None:
    op.create_table(
        "explanations",
        _number("id"),
        _number("suggestion_id"),
        _text("method"),
        _real("delta", nullable=True),
        _time("shown_at"),
        _key("explanations"),
        _refers("explanations", "suggestion_id", "suggestions"),
    )
    _index("explanations", "suggestion_id")
    op.create_table(
        "evidence",
        _number("id"),
        _number("explanation_id"),
        _number("rank"),
        _number("start"),
        _number("end"),
        _real("score"),
        _check("evidence", "span", '"start" >= 0 AND "end" > "start"'),
        _key("evidence"),
        _refers("evidence", "explanation_id", "explanations"),
        _unique("evidence", "explanation_id", "rank"),
    )


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        _number("id"),
        _number("note_id"),
        _number("sequence"),
        *(_text(name) for name in ("system", "code", "title", "action")),
        _text("reason", nullable=True),
        _text("coder"),
        _time("decided_at"),
        _text("token"),
        _number("screen_id", nullable=True),
        _number("suggestion_id", nullable=True),
        _number("replaces", nullable=True),
        _check("decisions", "action", "action IN ('accept', 'reject', 'add', 'retract')"),
        _check("decisions", "reason", "action <> 'reject' OR trim(coalesce(reason, '')) <> ''"),
        _check("decisions", "replaces", "action <> 'retract' OR replaces IS NOT NULL"),
        _check("decisions", "sequence", "sequence >= 1"),
        _key("decisions"),
        _refers("decisions", "note_id", "notes"),
        _refers("decisions", "screen_id", "screens"),
        _refers("decisions", "suggestion_id", "suggestions"),
        _refers("decisions", "replaces", "decisions"),
        _unique("decisions", "note_id", "sequence"),
        _unique("decisions", "token"),
    )
    retracts = sa.text("action = 'retract'")
    op.create_index(
        "uq_decisions_retracted",
        "decisions",
        ["replaces"],
        unique=True,
        sqlite_where=retracts,
        postgresql_where=retracts,
    )
    op.create_table(
        "marks",
        _number("id"),
        _number("decision_id"),
        _number("start"),
        _number("end"),
        _check("marks", "span", '"start" >= 0 AND "end" > "start"'),
        _key("marks"),
        _refers("marks", "decision_id", "decisions"),
    )
    _index("marks", "decision_id")
