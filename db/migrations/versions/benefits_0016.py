"""What coding a note next may teach: a cache. Its rows may go, but never change."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "benefits"

REFUSE_UPDATE = {  # dialect -> the statement that guards a table
    "sqlite": f"CREATE TRIGGER {TABLE}_refuse_update BEFORE UPDATE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{TABLE} can only be added to'); END",
    "postgresql": f"CREATE TRIGGER {TABLE}_refuse_update BEFORE UPDATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=f"fk_{TABLE}_note_id"),
        sa.UniqueConstraint("checkpoint_hash", "note_id", name=f"uq_{TABLE}_key"),
    )
    op.execute(REFUSE_UPDATE[op.get_bind().dialect.name])


def downgrade() -> None:
    op.drop_table(TABLE)  # takes its trigger along


_TEXTS = ("checkpoint_hash", "memory", "content")
