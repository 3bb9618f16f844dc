"""A clock that tests move, and accounts to log in with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import db
from ui.identity import now
from ui.services.accounts import Account, Accounts, Role
from ui.services.logins import Logins

PASSWORD = "three grey boats at noon"  # noqa: S105
OTHER = "seven loud clocks by the sea"


@dataclass
class Hands:
    """The hands of a clock: they stand still until a test moves them."""

    time: datetime = datetime(2026, 1, 2, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


def an_account(
    accounts: Accounts, name: str = "Cora", role: Role = Role.CODER, **more: str
) -> Account:
    return accounts.add(name, role, by="Ada", password=PASSWORD, **more)


def log_in(
    monkeypatch: pytest.MonkeyPatch, database: Path, **people: Role
) -> Callable[[str], None]:
    """Accounts for these people; call what comes back to say who sits at the app under test."""
    engine = db.connect(database)
    db.migrate(engine)
    accounts, logins = (kind(engine=engine, now=now) for kind in (Accounts, Logins))
    for name, role in people.items():
        an_account(accounts, name, role)
    tokens = {name: logins.log_in(name, PASSWORD) for name in people}
    monkeypatch.setenv("EVICODE_SINGLE_USER", "0")
    monkeypatch.setattr("ui.identity.is_served", lambda: True)
    return lambda name: monkeypatch.setattr("ui.identity._token", lambda: tokens[name])
