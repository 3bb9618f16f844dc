"""Accounts: users and what happened to them (append-only); who is logged in; failed attempts."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from db.migrations.versions.baseline_0001 import APPEND_ONLY

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

RECORDS = ("users", "account_events")  # only ever added to
TABLES = ("users", "account_events", "logins", "login_failures")  # parents first


def upgrade() -> None:
    _create_users()
    _create_logins()
    append_only = APPEND_ONLY[op.get_bind().dialect.name]
    for table in RECORDS:
        for statement in append_only(table):
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)  # takes its indexes and triggers along


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id")


def _create_users() -> None:
    op.create_table(
        "users",
        _number("id"),
        *(_text(name) for name in ("name", "key", "created_by")),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("key", name="uq_users_key"),
    )
    op.create_table(
        "account_events",
        _number("id"),
        _number("user_id"),
        _text("kind"),
        *(_text(name, nullable=True) for name in ("role", "email", "password_hash")),
        _text("by"),
        _time("at"),
        sa.CheckConstraint(
            "kind IN ('password', 'role', 'email', 'closed', 'opened', 'login', 'logout',"
            " 'logout_everywhere', 'locked')",
            name=op.f("ck_account_events_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'password') = (password_hash IS NOT NULL)",
            name=op.f("ck_account_events_password"),
        ),
        sa.CheckConstraint(
            "(kind = 'role') = (role IS NOT NULL)", name=op.f("ck_account_events_role")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_account_events"),
        _of_user("account_events"),
    )
    op.create_index("ix_account_events_user_id_kind", "account_events", ["user_id", "kind"])


def _create_logins() -> None:
    op.create_table(
        "logins",
        _number("id"),
        _number("user_id"),
        _text("token_sha256"),
        _time("opened_at"),
        _time("seen_at"),
        _text("ended", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
        _of_user("logins"),
        sa.UniqueConstraint("token_sha256", name="uq_logins_token_sha256"),
    )
    op.create_index("ix_logins_user_id", "logins", ["user_id"])
    op.create_table(
        "login_failures",
        _number("id"),
        _text("name_sha256"),
        _number("failures"),
        _time("last_at"),
        sa.PrimaryKeyConstraint("id", name="pk_login_failures"),
        sa.UniqueConstraint("name_sha256", name="uq_login_failures_name_sha256"),
    )
