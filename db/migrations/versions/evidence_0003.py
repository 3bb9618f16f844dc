"""Computed evidence: a cache, so that nobody waits twice. Its rows may go, but never change."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = "computed_evidence"
KEY = ("note_id", "system", "code", "method", "checkpoint_hash", "memory", "program")

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
        *(sa.Column(name, sa.Text(), nullable=False) for name in KEY[1:]),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=f"fk_{TABLE}_note_id"),
        sa.UniqueConstraint(*KEY, name=f"uq_{TABLE}_key"),
    )
    op.execute(REFUSE_UPDATE[op.get_bind().dialect.name])


def downgrade() -> None:
    op.drop_table(TABLE)  # takes its trigger along
