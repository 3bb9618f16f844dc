"""The audit trail: a chained entry for each record, also for those there already."""

import sqlalchemy as sa
from alembic import op

from db.migrations.versions.baseline_0001 import APPEND_ONLY
from db.trail import adopt

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "trail"
HASHES = ("content", "previous", "hash")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in HASHES),
        sa.CheckConstraint("sequence >= 1", name=op.f(f"ck_{TABLE}_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=f"pk_{TABLE}"),
        sa.UniqueConstraint("kind", "row_id", name=f"uq_{TABLE}_kind_row_id"),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name](TABLE):
        op.execute(statement)
    adopt(op.get_bind())


def downgrade() -> None:
    op.drop_table(TABLE)  # takes its triggers along
