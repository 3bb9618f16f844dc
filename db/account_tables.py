"""Tables of accounts. Users and what happened to them are only ever added to.

`logins` and `login_failures` are working tables, nobody's record: their rows change and go.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class UserRow(Base):
    """An account. Role, password, e-mail and whether it is open are folded from its events."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(
        unique=True
    )  # the name without case: nobody is "Ana" and "ana"
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class AccountEventRow(Base):
    """One thing that happened to an account."""

    __tablename__ = "account_events"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('password', 'role', 'email', 'closed', 'opened', 'login', 'logout',"
            " 'logout_everywhere', 'locked')",
            name="kind",
        ),
        CheckConstraint("(kind = 'password') = (password_hash IS NOT NULL)", name="password"),
        CheckConstraint("(kind = 'role') = (role IS NOT NULL)", name="role"),
        Index(None, "user_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    role: Mapped[str | None]
    email: Mapped[str | None]  # None, in an event of kind email: it was taken away
    password_hash: Mapped[str | None]
    by: Mapped[str]  # whose doing it was
    at: Mapped[datetime]


class LoginRow(Base):
    """A browser that is logged in. The database knows its token's hash, never the token."""

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended: Mapped[str | None]  # why it is over, if somebody ended it


class LoginFailureRow(Base):
    """How often a name was tried in vain, whether or not there is an account of that name."""

    __tablename__ = "login_failures"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_sha256: Mapped[str] = mapped_column(unique=True)  # people type passwords into this field
    failures: Mapped[int]
    last_at: Mapped[datetime]
