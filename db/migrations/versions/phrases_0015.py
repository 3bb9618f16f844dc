"""Edits of phrase memory: phrases switched off and on, and phrases a site added. Append-only.

The words of a phrase may be a note's: they go with it, as the migration before let words go.
"""

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY
from db.migrations.versions.tombstones_0011 import LET_GO, Worded

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "phrase_events"
WORDED = Worded(
    TABLE,
    "OLD.note_id",
    {"words": "''", "phrase": "''", "reason": "'deleted'"},
    "id action language system code note_id by at replaces",
)


def upgrade() -> None:
    _create()
    dialect = op.get_bind().dialect.name
    for statement in (*APPEND_ONLY[dialect](TABLE), *LET_GO[dialect](WORDED)):
        op.execute(statement)


def downgrade() -> None:
    """BadInput where memory was edited: without its table the trail would name lost rows."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM phrase_events")).scalar():
        raise BadInput(
            "phrase_events holds edits of memory, which the older schema cannot hold; "
            "restore a backup instead of going back"
        )
    op.drop_table(TABLE)  # takes its indexes and triggers along
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_refuse_update()")


def _create() -> None:
    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=nullable)

    def check(rule: str, name: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(rule, name=op.f(f"ck_phrase_events_{name}"))

    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        *(text("action"), text("words"), text("phrase"), text("language", nullable=True)),
        *(text("system"), text("code"), text("reason")),
        sa.Column("note_id", sa.Integer(), nullable=True),
        text("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        check("action IN ('off', 'on', 'add', 'undo')", "action"),
        check("action = 'undo' OR trim(reason) <> ''", "reason"),
        check("(action = 'undo') = (replaces IS NOT NULL)", "replaces"),
        check("action <> 'add' OR language IS NOT NULL", "language"),
        sa.PrimaryKeyConstraint("id", name="pk_phrase_events"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_phrase_events_note_id"),
        sa.ForeignKeyConstraint(
            ["replaces"], ["phrase_events.id"], name="fk_phrase_events_replaces"
        ),
        sa.UniqueConstraint("replaces", name="uq_phrase_events_replaces"),
    )
    op.create_index("ix_phrase_events_note_id", TABLE, ["note_id"])
