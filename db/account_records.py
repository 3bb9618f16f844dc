"""Records of accounts: who there is, what role they have, who is logged in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for. `ui/services/rights.py` says what each may do."""

    CODER = "coder"
    SECOND_CODER = "second coder"
    AUDITOR = "auditor"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"


class Happened(StrEnum):
    """What can happen to an account."""

    PASSWORD = "password"  # noqa: S105  (a kind of event)
    ROLE = "role"
    EMAIL = "email"
    CLOSED = "closed"
    OPENED = "opened"  # again
    LOGIN = "login"
    LOGOUT = "logout"
    LOGOUT_EVERYWHERE = "logout_everywhere"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class User:
    """An account as its events leave it."""

    id: int
    name: str
    role: Role
    is_open: bool
    email: str | None
    password_hash: str | None = field(repr=False)  # None: logs in through the organisation only
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Login:
    """A browser that is, or was, logged in."""

    id: int
    user_id: int
    opened_at: datetime
    seen_at: datetime
    ended: str | None  # why it is over; None: nobody ended it, but it may have run out


@dataclass(frozen=True, kw_only=True)
class Failures:
    """How often in a row a name was tried in vain."""

    count: int
    last_at: datetime
