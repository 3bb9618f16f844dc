"""Accounts, as an administrator keeps them. None is erased: an account is closed, not deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput
from db import logins, passwords, unit_of_work, users
from db.account_records import Happened, Role, User
from ui.services.rights import ALLOWED, Action

__all__ = ["Account", "Accounts", "Role"]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a page shows of an account; no hash among it."""

    id: int
    name: str
    role: Role
    email: str | None
    is_open: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Who may come in, and as what. `by` is the administrator who does it."""

    engine: Engine
    now: Callable[[], datetime]

    def listing(self) -> tuple[Account, ...]:
        """All accounts by name, closed ones too."""
        with unit_of_work(self.engine, write=False) as session:
            return tuple(map(_shown, users.every(session)))

    def coders(self, *, again: bool = False) -> tuple[str, ...]:
        """Names of the open accounts that code charts, or (again) that do second codings."""
        wanted = Action.CODE_AGAIN if again else Action.CODE
        with unit_of_work(self.engine, write=False) as session:
            found = [user for user in users.every(session) if user.is_open]
        return tuple(user.name for user in found if wanted in ALLOWED[user.role])

    def add(
        self, name: str, role: Role, *, by: str, password: str = "", email: str | None = None
    ) -> Account:
        """A new account, with a first password, or an address to log in by, or both."""
        if not password and not email:
            raise BadInput("an account needs a password or an e-mail address; give one of them")
        kept = _hashed(password, name) if password else None
        with unit_of_work(self.engine) as session:
            user = users.add(session, name, role, by=by, at=self.now())
            if kept:
                self._record(session, user.id, Happened.PASSWORD, by, password_hash=kept)
            if email:
                self._record(session, user.id, Happened.EMAIL, by, email=_free(session, email))
            return _shown(users.get(session, user.id))

    def give_role(self, user_id: int, role: Role, *, by: str) -> None:
        """Another role, from the next click on."""
        with unit_of_work(self.engine) as session:
            user = users.get(session, user_id)
            self._record(session, user.id, Happened.ROLE, by, role=role)
            _keep_an_administrator(session)

    def give_email(self, user_id: int, email: str, *, by: str) -> None:
        """Another address to log in by through the organisation; an empty one: none."""
        with unit_of_work(self.engine) as session:
            user = users.get(session, user_id)
            address = _free(session, email, but=user.id) if email.strip() else None
            self._record(session, user.id, Happened.EMAIL, by, email=address)

    def reset_password(self, user_id: int, password: str, *, by: str) -> None:
        """Another password; every browser of this account is logged off, and it may try at once."""
        with unit_of_work(self.engine, write=False) as session:
            name = users.get(session, user_id).name
        kept = _hashed(password, name)
        with unit_of_work(self.engine) as session:
            self._record(session, user_id, Happened.PASSWORD, by, password_hash=kept)
            logins.end_all(session, user_id, why="an administrator changed your password")
            logins.forgive(session, name)

    def close(self, user_id: int, *, by: str) -> None:
        """Nobody logs in to this account any more; its browsers are logged off."""
        with unit_of_work(self.engine) as session:
            user = users.get(session, user_id)
            self._record(session, user.id, Happened.CLOSED, by)
            logins.end_all(session, user.id, why="an administrator closed this account")
            _keep_an_administrator(session)

    def open_again(self, user_id: int, *, by: str) -> None:
        """A closed account works again, with the password it had."""
        with unit_of_work(self.engine) as session:
            self._record(session, users.get(session, user_id).id, Happened.OPENED, by)

    def _record(
        self,
        session: Session,
        user_id: int,
        what: Happened,
        by: str,
        *,
        role: Role | None = None,
        email: str | None = None,
        password_hash: str | None = None,
    ) -> None:
        users.record(
            session,
            user_id,
            what,
            by=by,
            at=self.now(),
            role=role,
            email=email,
            password_hash=password_hash,
        )


def _hashed(password: str, name: str) -> str:
    passwords.check(password, name=name)
    return passwords.hashed(password)


def _free(session: Session, email: str, *, but: int | None = None) -> str:
    """The address, if it looks like one and no other account has it."""
    address = email.strip()
    if address.count("@") != 1 or len(address) > 254 or any(c.isspace() for c in address):
        raise BadInput("this is no e-mail address; it should read name@organisation.example")
    others = [user for user in users.every(session) if user.id != but]
    if any((user.email or "").casefold() == address.casefold() for user in others):
        raise BadInput("another account has this e-mail address; use a different one")
    return address


def _keep_an_administrator(session: Session) -> None:
    """BadInput, and nothing is kept, if the last open administrator would be gone."""
    left = [user for user in users.every(session) if user.role is Role.ADMINISTRATOR]
    if not any(user.is_open for user in left):
        raise BadInput("this is the last administrator; give somebody else that role first")


def _shown(user: User) -> Account:
    return Account(
        id=user.id,
        name=user.name,
        role=user.role,
        email=user.email,
        is_open=user.is_open,
        created_at=user.created_at,
    )
