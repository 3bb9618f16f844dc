"""Logging in and staying logged in: who shows this token, and since when.

The limits of time and of attempts live in the database, so that a restart forgives nobody.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput, LoggedOff, NotAllowed
from core.settings import settings
from db import logins, passwords, unit_of_work, users
from db.account_records import Failures, Happened, Login, Role, User
from ui.services.rights import Actor

COOKIE = "evicode"  # the name of the session cookie; its value is the token of a login
SEEN_EVERY = timedelta(seconds=30)  # work is written down no more often; the limit errs below
FREE_FAILURES = 5  # in a row, before a name has to wait
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)  # doubled in between

NOT_LOGGED_IN = "nobody is logged in here; log in first"
WRONG = "name and password do not go together; check both and try again"
UNKNOWN_ORGANISATION = (
    "your organisation vouches for you, but no account here has your e-mail address; "
    "ask an administrator for one"
)
BY_ITSELF = "the app"  # who logs somebody off, or locks a name


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a browser stays logged in: the settings can only make it shorter."""

    idle: timedelta = timedelta(minutes=15)  # without work
    absolute: timedelta = timedelta(hours=12)  # after logging in, whatever is done

    @classmethod
    def chosen(cls) -> "Limits":
        """The limits of the settings."""
        chosen = settings()
        return cls(
            idle=timedelta(minutes=chosen.idle_minutes),
            absolute=timedelta(hours=chosen.login_hours),
        )


@dataclass(frozen=True, kw_only=True)
class Logins:
    """Tokens for those who prove who they are, and the actor behind a token."""

    engine: Engine
    now: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits.chosen)

    def is_first_run(self) -> bool:
        """Whether nobody has an account yet."""
        with unit_of_work(self.engine, write=False) as session:
            return users.is_empty(session)

    def create_first(self, name: str, password: str) -> str:
        """The first account, an administrator's, logged in: its token. Never the second one."""
        passwords.check(password, name=name)
        kept, at = passwords.hashed(password), self.now()
        with unit_of_work(self.engine) as session:
            if not users.is_empty(session):
                raise NotAllowed("there are accounts already; log in, or ask an administrator")
            user = users.add(session, name, Role.ADMINISTRATOR, by=name, at=at)
            users.record(
                session, user.id, Happened.PASSWORD, password_hash=kept, by=user.name, at=at
            )
            return _logged_in(session, user, at=at)

    def log_in(self, name: str, password: str) -> str:
        """A token for the right name and password. LoggedOff, in the same words and time, if not.

        Every attempt is counted before the password is looked at, so that guesses made at the
        same moment count as well; after FREE_FAILURES in a row a name has to wait, known or not.
        """
        at = self.now()
        with unit_of_work(self.engine) as session:
            _make_wait(logins.failures(session, name), at)
            failures = logins.count_attempt(session, name, at=at)
            user = users.find(session, name)
            if user is not None and failures > FREE_FAILURES:
                users.record(session, user.id, Happened.LOCKED, by=BY_ITSELF, at=at)
        kept = user.password_hash if user is not None and user.is_open else None
        if not passwords.matches(password, kept) or user is None or kept is None:
            raise LoggedOff(WRONG)
        with unit_of_work(self.engine) as session:
            logins.forgive(session, name)
            if passwords.is_outdated(kept):
                again = passwords.hashed(password)
                users.record(
                    session, user.id, Happened.PASSWORD, password_hash=again, by=BY_ITSELF, at=at
                )
            return _logged_in(session, user, at=at)

    def log_in_by_email(self, email: str) -> str:
        """A token for the open account with this address, which an identity provider vouches for.

        LoggedOff if there is none, or several; no account is made.
        """
        at, wanted = self.now(), email.strip().casefold()
        with unit_of_work(self.engine) as session:
            found = [
                user
                for user in users.every(session)
                if wanted and user.is_open and (user.email or "").casefold() == wanted
            ]
            if len(found) != 1:
                raise LoggedOff(UNKNOWN_ORGANISATION)
            return _logged_in(session, found[0], at=at)

    def who(self, token: str | None, *, works: bool = True) -> Actor:
        """Who shows this token. LoggedOff, with the reason, if nobody does or no longer.

        works: somebody is doing something, which counts against the idle limit.
        """
        at = self.now()
        with unit_of_work(self.engine, write=False) as session:
            login, user = self._login(session, token, at=at)
        if works and at - login.seen_at >= SEEN_EVERY:
            with unit_of_work(self.engine) as session:
                logins.see(session, login.id, at=at)
        return Actor(name=user.name, role=user.role)

    def log_out(self, token: str | None) -> None:
        """Log this browser off. Nothing happens if it is not logged in."""
        at = self.now()
        with unit_of_work(self.engine) as session:
            try:
                login, user = self._login(session, token, at=at)
            except LoggedOff:
                return
            logins.end(session, login.id, why="you logged out")
            users.record(session, user.id, Happened.LOGOUT, by=user.name, at=at)

    def log_out_everywhere(self, token: str | None) -> None:
        """Log off every browser of whoever shows this token, this one too."""
        at = self.now()
        with unit_of_work(self.engine) as session:
            _, user = self._login(session, token, at=at)
            logins.end_all(session, user.id, why="you logged out everywhere")
            users.record(session, user.id, Happened.LOGOUT_EVERYWHERE, by=user.name, at=at)

    def change_password(self, token: str | None, *, old: str, new: str) -> None:
        """A new password for whoever shows this token; their other browsers are logged off."""
        at = self.now()
        with unit_of_work(self.engine) as session:
            login, user = self._login(session, token, at=at)
            _make_wait(logins.failures(session, user.name), at)
            logins.count_attempt(session, user.name, at=at)
        if not passwords.matches(old, user.password_hash):
            raise BadInput("the old password is not right; nothing was changed")
        passwords.check(new, name=user.name)
        kept = passwords.hashed(new)
        with unit_of_work(self.engine) as session:
            logins.forgive(session, user.name)
            users.record(
                session, user.id, Happened.PASSWORD, password_hash=kept, by=user.name, at=at
            )
            logins.end_all(session, user.id, why="your password was changed", but=login.id)

    def _login(self, session: Session, token: str | None, *, at: datetime) -> tuple[Login, User]:
        """The login of a token that still holds, and whose it is. LoggedOff if it does not."""
        login = logins.find(session, token) if token else None
        if login is None:
            raise LoggedOff(NOT_LOGGED_IN)
        if login.ended is not None:
            raise LoggedOff(f"{login.ended}; log in again")
        if at - login.seen_at >= self.limits.idle:
            minutes = int(self.limits.idle.total_seconds()) // 60
            raise LoggedOff(
                f"you were logged off after {minutes} minutes without work; log in again"
            )
        if at - login.opened_at >= self.limits.absolute:
            hours = int(self.limits.absolute.total_seconds()) // 3600
            raise LoggedOff(f"you were logged off {hours} hours after logging in; log in again")
        user = users.get(session, login.user_id)
        if not user.is_open:
            raise LoggedOff("this account is closed; ask an administrator")
        return login, user


def _logged_in(session: Session, user: User, *, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    logins.open_login(session, user.id, token, at=at)
    users.record(session, user.id, Happened.LOGIN, by=user.name, at=at)
    return token


def _make_wait(past: Failures | None, at: datetime) -> None:
    """LoggedOff while a name has to wait: twice as long after each further failure."""
    if past is None or past.count < FREE_FAILURES:
        return
    doubled = FIRST_WAIT * 2 ** min(past.count - FREE_FAILURES, 20)
    left = past.last_at + min(doubled, LONGEST_WAIT) - at
    if left > timedelta():
        seconds = int(left.total_seconds()) + 1
        raise LoggedOff(f"too many attempts for this name; wait {seconds} seconds and try again")
