"""A clock that tests move, and accounts to log in with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ui.services.accounts import Account, Accounts, Role

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
