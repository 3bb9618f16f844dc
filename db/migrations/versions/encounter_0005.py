"""What came with a note besides its text: format of its file, ids, patient's age and sex, dates.

Columns are added in place: copying a table, as Alembic's batches do, would drop its triggers. Notes
stored before have nothing there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "notes"
TEXTS = ("format", "external_id", "encounter_id", "patient_id")
INDEXED = ("external_id", "encounter_id")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column(TABLE, sa.Column(name, sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("age", sa.Integer(), nullable=True))
    op.add_column(TABLE, sa.Column("sex", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("birth_date", sa.Date(), nullable=True))
    op.add_column(TABLE, sa.Column("service_date", sa.Date(), nullable=True))
    for name in INDEXED:
        op.create_index(f"ix_{TABLE}_{name}", TABLE, [name])


def downgrade() -> None:
    for name in INDEXED:
        op.drop_index(f"ix_{TABLE}_{name}", TABLE)
    for name in ("service_date", "birth_date", "sex", "age", *reversed(TEXTS)):
        op.drop_column(TABLE, name)
