"""Accounts: who there is. What an account is now is folded from what happened to it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput
from db.account_records import Happened, Role, User
from db.account_tables import AccountEventRow, UserRow

LONGEST_NAME = 60
_FOLDED = (Happened.ROLE, Happened.PASSWORD, Happened.EMAIL, Happened.CLOSED, Happened.OPENED)


def key(name: str) -> str:
    """The name as it is compared: without case, spaces around it, and second spellings."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def add(session: Session, name: str, role: Role, *, by: str, at: datetime) -> User:
    """A new account without a password. BadInput if the name is taken or is no name."""
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    if not re.fullmatch(r"[^\W_][\w .@'-]*", shown) or len(shown) > LONGEST_NAME:
        raise BadInput(
            f"a name starts with a letter or digit, has letters, digits, spaces and .@'-_ only, "
            f"and at most {LONGEST_NAME} of them; choose another"
        )
    if find(session, shown) is not None:
        raise BadInput(f"there is an account {shown!r} already; choose another name")
    row = UserRow(name=shown, key=key(shown), created_by=by, created_at=at)
    session.add(row)
    session.flush()
    record(session, row.id, Happened.ROLE, role=role, by=by, at=at)
    return get(session, row.id)


def record(
    session: Session,
    user_id: int,
    what: Happened,
    *,
    by: str,
    at: datetime,
    role: Role | None = None,
    email: str | None = None,
    password_hash: str | None = None,
) -> None:
    """Keep what happened to an account."""
    session.add(
        AccountEventRow(
            user_id=user_id,
            kind=what.value,
            role=None if role is None else role.value,
            email=email,
            password_hash=password_hash,
            by=by,
            at=at,
        )
    )
    session.flush()


def get(session: Session, user_id: int) -> User:
    """The account. BadInput if there is none."""
    row = session.get(UserRow, user_id)
    if row is None:
        raise BadInput(f"there is no account {user_id}; reload the page")
    return _fold(session, [row])[0]


def find(session: Session, name: str) -> User | None:
    """The account of that name, in any case, or None."""
    row = session.scalar(select(UserRow).where(UserRow.key == key(name)))
    return None if row is None else _fold(session, [row])[0]


def every(session: Session) -> tuple[User, ...]:
    """All accounts, closed ones too, by name."""
    return _fold(session, session.scalars(select(UserRow).order_by(UserRow.key)))


def is_empty(session: Session) -> bool:
    """Whether nobody has an account yet."""
    return session.scalar(select(UserRow.id).limit(1)) is None


def _fold(session: Session, rows: Iterable[UserRow]) -> tuple[User, ...]:
    found = list(rows)
    wanted = AccountEventRow.kind.in_([kind.value for kind in _FOLDED])
    events = select(AccountEventRow).where(wanted).order_by(AccountEventRow.id)
    if len(found) == 1:
        events = events.where(AccountEventRow.user_id == found[0].id)
    past = defaultdict(list)
    for event in session.scalars(events):
        past[event.user_id].append(event)
    return tuple(_user(row, past[row.id]) for row in found)


def _user(row: UserRow, past: list[AccountEventRow]) -> User:
    last = {Happened(event.kind): event for event in past}
    turns = [event.kind for event in past if event.kind in ("closed", "opened")]
    password, email = last.get(Happened.PASSWORD), last.get(Happened.EMAIL)
    return User(
        id=row.id,
        name=row.name,
        role=Role(last[Happened.ROLE].role or ""),
        is_open=turns[-1:] != ["closed"],
        email=None if email is None else email.email,
        password_hash=None if password is None else password.password_hash,
        created_at=row.created_at,
    )
