"""What memory adds to a screen: its name, each code's provenance and contexts; the coverage shown.

Columns are added in place: copying a table, as Alembic's batches do, would drop its triggers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screens", _text("memory"))
    op.add_column("screens", _real("coverage"))
    op.add_column("screens", _real("cut"))
    op.add_column("suggestions", _text("provenance"))
    op.add_column("suggestions", _text("contexts"))


def downgrade() -> None:
    for table, columns in (
        ("suggestions", "contexts provenance"),
        ("screens", "cut coverage memory"),
    ):
        for column in columns.split():
            op.drop_column(table, column)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _real(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=True)
