"""What a coder was told of shown evidence: how far it can be trusted, in numbers and as said."""

import sqlalchemy as sa
from alembic import op

from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "evidence_said"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("explanation_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("after", sa.Double(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=True),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.Column("sentences", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(
            ["explanation_id"], ["explanations.id"], name=f"fk_{TABLE}_explanation_id"
        ),
    )
    op.create_index(f"ix_{TABLE}_explanation_id", TABLE, ["explanation_id"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name](TABLE):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)  # takes its index and triggers along
