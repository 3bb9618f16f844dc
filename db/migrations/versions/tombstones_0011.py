"""Deletion on request: tombstones, and triggers that let words go only where one stands.

A record stays append-only but for this: where a tombstone names its note, the columns that hold
words may take their blank value. Nothing else of a row may change, and no row may go.
"""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("tombstones", "erased")  # parents first; only ever added to
IDENTITY = "external_id encounter_id patient_id age sex birth_date service_date".split()
DAY = {"sqlite": "substr(at, 1, 10)", "postgresql": "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"}
NAME = (
    "(SELECT 'note ' || OLD.id || ', deleted on ' || {day} FROM tombstones WHERE note_id = OLD.id)"
)


class Worded(NamedTuple):
    """A table some columns of which hold words: the note of a row, its columns, their blanks."""

    table: str
    note: str  # SQL
    blank: dict[str, str]  # column -> SQL
    fixed: str  # the other columns


WORDED = (
    Worded(
        "notes",
        "OLD.id",
        {"name": NAME, "text": "''", "source": "''"} | dict.fromkeys(IDENTITY, "NULL"),
        "id sha256 characters language uploaded_by created_at format",
    ),
    Worded(
        "suggestions",
        "(SELECT note_id FROM screens WHERE id = OLD.screen_id)",
        {"provenance": "''"},
        "id screen_id task system code title category_system category_code rank probability "
        "source contexts",
    ),
    Worded(
        "decisions",
        "OLD.note_id",
        {"reason": "'deleted'"},
        "id note_id sequence system code title action coder decided_at token screen_id "
        "suggestion_id replaces coding_pass",
    ),
    Worded(
        "details",
        "OLD.note_id",
        {"value": "''"},
        "id note_id coding_pass sequence field action system code coder at token replaces",
    ),
    Worded(
        "findings",
        "(SELECT note_id FROM audits WHERE id = OLD.audit_id)",
        {"comment": "''"},
        "id audit_id kind system code corrected_system corrected poa auditor at token",
    ),
    Worded(
        "audit_turns",
        "(SELECT note_id FROM audits WHERE id = OLD.audit_id)",
        {"comment": "''"},
        "id audit_id finding_id turn by at",
    ),
)


def upgrade() -> None:
    _create()
    dialect = op.get_bind().dialect.name
    for table in TABLES:
        for statement in APPEND_ONLY[dialect](table):
            op.execute(statement)
    for worded in WORDED:
        for statement in LET_GO[dialect](worded):
            op.execute(statement)


def downgrade() -> None:
    """BadInput where a note was deleted: the older schema would take it for tampering."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM tombstones")).scalar():
        raise BadInput(
            "notes were deleted, which the older schema would take for damage to the record; "
            "restore a backup instead of going back"
        )
    dialect = op.get_bind().dialect.name
    for worded in WORDED:
        for statement in _GUARD_AGAIN[dialect](worded):
            op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along


def _create() -> None:
    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False)

    def number(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer(), nullable=False)

    op.create_table(
        "tombstones",
        *(number("id"), number("note_id"), text("sha256"), text("by"), text("reason")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_tombstones_reason")),
        sa.PrimaryKeyConstraint("id", name="pk_tombstones"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_tombstones_note_id"),
        sa.UniqueConstraint("note_id", name="uq_tombstones_note_id"),
    )
    op.create_table(
        "erased",
        *(number("id"), number("tombstone_id"), text("kind"), number("row_id")),
        *(text("before"), text("after")),
        sa.PrimaryKeyConstraint("id", name="pk_erased"),
        sa.ForeignKeyConstraint(["tombstone_id"], ["tombstones.id"], name="fk_erased_tombstone_id"),
        sa.UniqueConstraint("kind", "row_id", name="uq_erased_kind_row_id"),
    )
    op.create_index("ix_erased_tombstone_id", "erased", ["tombstone_id"])


def _is_erasure(worded: Worded, same: str, day: str) -> str:
    """SQL: a tombstone names the row's note, and words give way to blanks and nothing else."""
    fixed = (f'NEW."{name}" {same} OLD."{name}"' for name in worded.fixed.split())
    blank = (
        f'(NEW."{name}" {same} OLD."{name}" OR NEW."{name}" {same} {value.format(day=day)})'
        for name, value in worded.blank.items()
    )
    named = f"EXISTS (SELECT 1 FROM tombstones WHERE note_id = {worded.note})"  # noqa: S608
    return " AND ".join([named, *fixed, *blank])


def _let_go_in_sqlite(worded: Worded) -> Iterator[str]:
    table = worded.table
    yield f"DROP TRIGGER {table}_refuse_update"
    yield (
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} "
        f"WHEN NOT ({_is_erasure(worded, 'IS', DAY['sqlite'])}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
    )


def _let_go_in_postgresql(worded: Worded) -> Iterator[str]:
    table = worded.table
    rule = _is_erasure(worded, "IS NOT DISTINCT FROM", DAY["postgresql"])
    yield f"DROP TRIGGER {table}_refuse_change ON {table}"
    yield (
        f"CREATE TRIGGER {table}_refuse_change BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    yield (
        f"CREATE FUNCTION {table}_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rule} THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{table} can only be added to' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse_update()"
    )


def _guard_again_in_sqlite(worded: Worded) -> Iterator[str]:
    yield f"DROP TRIGGER {worded.table}_refuse_update"
    yield next(each for each in APPEND_ONLY["sqlite"](worded.table) if "_refuse_update" in each)


def _guard_again_in_postgresql(worded: Worded) -> Iterator[str]:
    table = worded.table
    for trigger in ("update", "change"):
        yield f"DROP TRIGGER {table}_refuse_{trigger} ON {table}"
    yield f"DROP FUNCTION {table}_refuse_update()"
    yield from APPEND_ONLY["postgresql"](table)


LET_GO = {"sqlite": _let_go_in_sqlite, "postgresql": _let_go_in_postgresql}
_GUARD_AGAIN = {"sqlite": _guard_again_in_sqlite, "postgresql": _guard_again_in_postgresql}
