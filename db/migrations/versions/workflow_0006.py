"""Who codes what: passes of coding, worklist, order and POA and comments, audits, trials.

What was there before is the first coding of each note. Columns are added in place: copying a table,
as Alembic's batches do, would drop its triggers.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PASSES = ("decisions", "chart_events")  # get to know which coding they belong to
TABLES = ("work_events", "details", "audits", "findings", "audit_turns", "trial_events", "seeds")


def upgrade() -> None:
    for table in PASSES:
        op.add_column(
            table, sa.Column("coding_pass", sa.Text(), nullable=False, server_default="first")
        )
    _create_work()
    _create_details()
    _create_audits()
    _create_trials()
    append_only = APPEND_ONLY[op.get_bind().dialect.name]
    for table in TABLES:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """BadInput where a note was coded twice: the old schema would take both codings for one."""
    for table in PASSES:
        others = sa.text(f"SELECT count(*) FROM {table} WHERE coding_pass <> 'first'")  # noqa: S608
        if op.get_bind().execute(others).scalar():
            raise BadInput(
                f"{table} holds second or adjudicated codings, which the older schema cannot tell "
                "from first ones; restore a backup instead of going back"
            )
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along
    for table in PASSES:
        op.drop_column(table, "coding_pass")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


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


def _create_work() -> None:
    kinds = "kind IN ('prioritised', 'assigned', 'claimed', 'renewed', 'released')"
    op.create_table(
        "work_events",
        _number("id"),
        _number("note_id"),
        _text("coding_pass"),
        _text("kind"),
        _text("coder", nullable=True),
        _number("priority", nullable=True),
        _text("by"),
        _time("at"),
        _check("work_events", "kind", kinds),
        _check("work_events", "priority", "(kind = 'prioritised') = (priority IS NOT NULL)"),
        _check("work_events", "coder", "kind NOT IN ('claimed', 'renewed') OR coder IS NOT NULL"),
        _key("work_events"),
        _refers("work_events", "note_id", "notes"),
    )
    _index("work_events", "note_id", "coding_pass", "kind")


def _create_details() -> None:
    op.create_table(
        "details",
        _number("id"),
        _number("note_id"),
        _text("coding_pass"),
        _number("sequence"),
        _text("field"),
        _text("action"),
        _text("system", nullable=True),
        _text("code", nullable=True),
        _text("value"),
        _text("coder"),
        _time("at"),
        _text("token"),
        _number("replaces", nullable=True),
        _check("details", "field", "field IN ('order', 'poa', 'comment')"),
        _check("details", "action", "action IN ('set', 'retract')"),
        _check("details", "replaces", "action <> 'retract' OR replaces IS NOT NULL"),
        _check("details", "code", "(code IS NULL) = (system IS NULL)"),
        _check("details", "poa", "field <> 'poa' OR code IS NOT NULL"),
        _check("details", "sequence", "sequence >= 1"),
        _key("details"),
        _refers("details", "note_id", "notes"),
        _refers("details", "replaces", "details"),
        _unique("details", "note_id", "sequence"),
        _unique("details", "token"),
    )
    retracts = sa.text("action = 'retract'")
    op.create_index(
        "uq_details_retracted",
        "details",
        ["replaces"],
        unique=True,
        sqlite_where=retracts,
        postgresql_where=retracts,
    )


def _create_audits() -> None:
    op.create_table(
        "audits",
        _number("id"),
        _number("note_id"),
        *(_text(name) for name in ("sample", "method", "stratum")),
        *(_number(n) for n in ("seed", "population", "decisions_up_to", "details_up_to")),
        _text("drawn_by"),
        _time("at"),
        _check("audits", "population", "population >= 1"),
        _key("audits"),
        _refers("audits", "note_id", "notes"),
        _unique("audits", "sample", "note_id"),
    )
    _index("audits", "note_id")
    op.create_table(
        "findings",
        _number("id"),
        _number("audit_id"),
        *(_text(name) for name in ("kind", "system", "code")),
        *(_text(name, nullable=True) for name in ("corrected_system", "corrected", "poa")),
        *(_text(name) for name in ("comment", "auditor")),
        _time("at"),
        _text("token"),
        _check("findings", "kind", "kind IN ('added', 'edited', 'removed', 'poa', 'principal')"),
        _check("findings", "corrected", "(corrected IS NULL) = (corrected_system IS NULL)"),
        _key("findings"),
        _refers("findings", "audit_id", "audits"),
        _unique("findings", "token"),
    )
    _index("findings", "audit_id")
    turns = (
        "turn IN ('finished', 'acknowledged', 'rebutted', 'withdrawn', 'escalated', 'upheld', "
        "'overturned')"
    )
    op.create_table(
        "audit_turns",
        _number("id"),
        _number("audit_id"),
        _number("finding_id", nullable=True),
        *(_text(name) for name in ("turn", "by", "comment")),
        _time("at"),
        _check("audit_turns", "turn", turns),
        _check("audit_turns", "finding", "(turn = 'finished') = (finding_id IS NULL)"),
        _key("audit_turns"),
        _refers("audit_turns", "audit_id", "audits"),
        _refers("audit_turns", "finding_id", "findings"),
    )
    _index("audit_turns", "audit_id")


def _create_trials() -> None:
    kinds = "kind IN ('blind first', 'seeded', 'submitted', 'revealed')"
    op.create_table(
        "trial_events",
        _number("id"),
        _number("note_id"),
        *(_text(name) for name in ("coder", "kind", "by")),
        _time("at"),
        _check("trial_events", "kind", kinds),
        _key("trial_events"),
        _refers("trial_events", "note_id", "notes"),
        _unique("trial_events", "note_id", "coder", "kind"),
    )
    op.create_table(
        "seeds",
        _number("id"),
        _number("suggestion_id"),
        _number("sibling_id"),
        _time("at"),
        _key("seeds"),
        _refers("seeds", "suggestion_id", "suggestions"),
        _refers("seeds", "sibling_id", "suggestions"),
        _unique("seeds", "suggestion_id"),
    )
