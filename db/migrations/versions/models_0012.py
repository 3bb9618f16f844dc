"""Models trained here, and which of them was in use when: both append-only."""

import sqlalchemy as sa
from alembic import op

from core.errors import BadInput
from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("models", "model_events")  # parents first


def upgrade() -> None:
    def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=nullable)

    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        *(text("hash"), text("name"), text("folder"), text("parent", nullable=True)),
        sa.Column("lineage", sa.JSON(), nullable=False),
        text("by"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_models_hash")),
        sa.CheckConstraint("trim(name) <> ''", name=op.f("ck_models_name")),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("hash", name="uq_models_hash"),
        sa.UniqueConstraint("folder", name="uq_models_folder"),
    )
    op.create_table(
        "model_events",
        sa.Column("id", sa.Integer(), nullable=False),
        text("kind"),
        sa.Column("model_id", sa.Integer(), nullable=True),
        *(text("reason"), text("by")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('promoted', 'rolled back', 'shadowed')", name=op.f("ck_model_events_kind")
        ),
        sa.CheckConstraint(
            "kind = 'shadowed' OR trim(reason) <> ''", name=op.f("ck_model_events_reason")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_events"),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name="fk_model_events_model_id"),
    )
    op.create_index("ix_model_events_kind", "model_events", ["kind"])
    append_only = APPEND_ONLY[op.get_bind().dialect.name]
    for table in TABLES:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """BadInput where a model is on record: without its table the trail would name lost rows."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM models")).scalar():
        raise BadInput(
            "models were registered, which the older schema has no place for; restore a backup "
            "instead of going back"
        )
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along
