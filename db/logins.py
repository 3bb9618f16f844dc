"""Logins: which browsers are logged in, and which names were tried in vain. Working tables."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from db import users
from db.account_records import Failures, Login
from db.account_tables import LoginFailureRow, LoginRow

KEPT = timedelta(days=1)  # what is older is of no use to anybody


def open_login(session: Session, user_id: int, token: str, *, at: datetime) -> None:
    """Keep that whoever shows this token is this user."""
    session.execute(delete(LoginRow).where(LoginRow.opened_at < at - KEPT))
    row = LoginRow(user_id=user_id, token_sha256=_hash(token), opened_at=at, seen_at=at)
    session.add(row)
    session.flush()


def find(session: Session, token: str) -> Login | None:
    """The login of this token, whether or not it is over, or None."""
    row = session.scalar(select(LoginRow).where(LoginRow.token_sha256 == _hash(token)))
    return None if row is None else _shown(row)


def see(session: Session, login_id: int, *, at: datetime) -> None:
    """Keep that somebody worked in this browser just now."""
    session.execute(update(LoginRow).where(LoginRow.id == login_id).values(seen_at=at))


def end(session: Session, login_id: int, *, why: str) -> None:
    """This browser is logged in no longer."""
    _end(session, LoginRow.id == login_id, why)


def end_all(session: Session, user_id: int, *, why: str, but: int | None = None) -> None:
    """No browser of this user is logged in any longer, except the login `but`."""
    others = LoginRow.user_id == user_id
    _end(session, others if but is None else others & (LoginRow.id != but), why)


def open_now(session: Session, *, seen: datetime, opened: datetime) -> tuple[Login, ...]:
    """The logins that nobody ended, seen and opened after these times; the latest seen first."""
    running = (LoginRow.ended.is_(None), LoginRow.seen_at > seen, LoginRow.opened_at > opened)
    rows = session.scalars(select(LoginRow).where(*running).order_by(LoginRow.seen_at.desc()))
    return tuple(map(_shown, rows))


def failures(session: Session, name: str) -> Failures | None:
    """How often this name was tried in vain since it last worked."""
    row = _tried(session, name)
    return None if row is None else Failures(count=row.failures, last_at=row.last_at)


def count_attempt(session: Session, name: str, *, at: datetime) -> int:
    """Count an attempt as failed, until `forgive` says it was not; how many that makes."""
    session.execute(delete(LoginFailureRow).where(LoginFailureRow.last_at < at - KEPT))
    row = _tried(session, name)
    if row is None:
        row = LoginFailureRow(name_sha256=_hash(users.key(name)), failures=0, last_at=at)
        session.add(row)
    row.failures, row.last_at = row.failures + 1, at
    session.flush()
    return row.failures


def forgive(session: Session, name: str) -> None:
    """Forget the failures of this name."""
    session.execute(
        delete(LoginFailureRow).where(LoginFailureRow.name_sha256 == _hash(users.key(name)))
    )


def _shown(row: LoginRow) -> Login:
    return Login(
        id=row.id,
        user_id=row.user_id,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        ended=row.ended,
    )


def _tried(session: Session, name: str) -> LoginFailureRow | None:
    of_name = LoginFailureRow.name_sha256 == _hash(users.key(name))
    return session.scalar(select(LoginFailureRow).where(of_name))


def _end(session: Session, which: ColumnElement[bool], why: str) -> None:
    over = update(LoginRow).where(which, LoginRow.ended.is_(None))
    session.execute(over.values(ended=why))


def _hash(value: str) -> str:
    return sha256(value.encode()).hexdigest()
