"""The shadow: lists of a candidate that nobody was shown, and of the model in use beside them."""

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("shadow_lists", "shadow_codes")  # parents first


def upgrade() -> None:
    def text(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False)

    def number(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer(), nullable=False)

    op.create_table(
        "shadow_lists",
        *(number("id"), number("note_id"), number("screen_id")),
        *(text("checkpoint"), text("checkpoint_hash"), text("memory")),
        sa.Column("likely_from", sa.Double(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_lists"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_shadow_lists_note_id"),
        sa.ForeignKeyConstraint(["screen_id"], ["screens.id"], name="fk_shadow_lists_screen_id"),
        sa.UniqueConstraint(
            "screen_id", "checkpoint_hash", name="uq_shadow_lists_screen_id_checkpoint_hash"
        ),
    )
    op.create_index("ix_shadow_lists_note_id", "shadow_lists", ["note_id"])
    op.create_index("ix_shadow_lists_checkpoint_hash", "shadow_lists", ["checkpoint_hash"])
    op.create_table(
        "shadow_codes",
        *(number("id"), number("list_id"), number("rank"), text("system"), text("code")),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_shadow_codes_rank")),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_codes"),
        sa.ForeignKeyConstraint(["list_id"], ["shadow_lists.id"], name="fk_shadow_codes_list_id"),
        sa.UniqueConstraint("list_id", "rank", name="uq_shadow_codes_list_id_rank"),
    )
    append_only = APPEND_ONLY[op.get_bind().dialect.name]
    for table in TABLES:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """BadInput where there are such lists: without their table the trail would name lost rows."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM shadow_lists")).scalar():
        raise BadInput(
            "a candidate ran as a shadow, which the older schema has no place for; restore a "
            "backup instead of going back"
        )
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along
