"""Training runs: what was asked for and what became of it, append-only."""

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "training_events"


def upgrade() -> None:
    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=nullable)

    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        *(text("run"), text("step")),
        sa.Column("settings", sa.JSON(), nullable=True),
        *(text("model", nullable=True), text("reason", nullable=True), text("by")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('asked', 'started', 'resumed', 'done', 'failed', 'cancelled', 'discarded')",
            name=op.f("ck_training_events_step"),
        ),
        sa.CheckConstraint(
            "(step = 'asked') = (settings IS NOT NULL)", name=op.f("ck_training_events_settings")
        ),
        sa.CheckConstraint(
            "(step = 'done') = (model IS NOT NULL)", name=op.f("ck_training_events_model")
        ),
        sa.CheckConstraint(
            "step <> 'failed' OR reason IS NOT NULL", name=op.f("ck_training_events_reason")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_events"),
    )
    op.create_index("ix_training_events_run", TABLE, ["run"])
    asked = sa.text("step = 'asked'")
    op.create_index(
        "uq_training_events_asked",
        TABLE,
        ["run"],
        unique=True,
        sqlite_where=asked,
        postgresql_where=asked,
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name](TABLE):
        op.execute(statement)


def downgrade() -> None:
    """BadInput where a run is on record: without its table the trail would name lost rows."""
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {TABLE}")).scalar():  # noqa: S608
        raise BadInput(
            "training runs are on record, which the older schema has no place for; restore a "
            "backup instead of going back"
        )
    op.drop_table(TABLE)  # takes its indexes and triggers along
