"""The pages of accounts, drawn for somebody who is logged in: People, Account, Health."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import db
import ui.identity
from core.errors import LoggedOff
from tests.ui.accounts import OTHER, PASSWORD
from ui.services.accounts import Account, Accounts, Role
from ui.services.logins import Logins

Open = Callable[[str], AppTest]


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def database(app: AppTest, tmp_path: Path) -> Engine:
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    return engine


@pytest.fixture
def accounts(database: Engine) -> Accounts:
    return Accounts(engine=database, now=_now)


@pytest.fixture
def logins(database: Engine) -> Logins:
    return Logins(engine=database, now=_now)


@pytest.fixture
def token(accounts: Accounts, logins: Logins) -> str:
    accounts.add("Ada", Role.ADMINISTRATOR, by="test", password=PASSWORD)
    return logins.log_in("Ada", PASSWORD)


@pytest.fixture
def opened(app: AppTest, token: str, monkeypatch: pytest.MonkeyPatch) -> Open:
    """A page as Ada's browser gets it: the app asks for her cookie, as where it is served."""
    monkeypatch.setenv("EVICODE_SINGLE_USER", "0")
    monkeypatch.setattr(ui.identity, "is_served", lambda: True)
    monkeypatch.setattr(ui.identity, "_token", lambda: token)

    def opened(page: str) -> AppTest:
        app.run()
        app.switch_page(f"ui/pages/{page}.py").run()
        assert not app.exception
        return app

    return opened


def _of(accounts: Accounts) -> dict[str, Account]:
    return {each.name: each for each in accounts.listing()}


def _said(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.text, *app.success, *app.caption))


def test_an_account_is_made_and_stands_in_the_list(opened: Open, accounts: Accounts) -> None:
    app = opened("people")
    app.text_input(key="new-name").input("Cora")
    app.selectbox(key="new-role").select(Role.SECOND_CODER)
    app.text_input(key="new-password").input(OTHER)
    app.button(key="new-make").click().run()
    assert "Second coder added." in _said(app)
    assert list(app.dataframe[0].value["Name"]) == ["Ada", "Cora"]
    assert list(app.dataframe[0].value["May log in"]) == ["yes", "yes"]
    assert _of(accounts)["Cora"].role is Role.SECOND_CODER


def test_a_weak_password_is_refused_in_words_and_makes_no_account(
    opened: Open, accounts: Accounts
) -> None:
    app = opened("people")
    app.text_input(key="new-name").input("Cora")
    app.text_input(key="new-password").input("password1234")
    app.button(key="new-make").click().run()
    assert "easily guessed" in _said(app)
    assert list(_of(accounts)) == ["Ada"]


def test_what_each_role_may_do_stands_beside_the_choice(opened: Open) -> None:
    helped = opened("people").selectbox(key="new-role").help
    assert "**auditor**: audit charts, export decisions, read notes and their codes" in helped


def test_role_and_closing_are_changed_and_the_last_administrator_stays(
    opened: Open, accounts: Accounts
) -> None:
    accounts.add("Cora", Role.CODER, by="test", password=OTHER)
    app = opened("people")
    app.selectbox(key="change-who").select(_of(accounts)["Cora"].id).run()
    app.selectbox(key="change-role").select(Role.LEAD)
    app.checkbox(key="change-open").uncheck()
    app.button(key="change-do").click().run()
    assert "Changed." in _said(app)
    assert (_of(accounts)["Cora"].role, _of(accounts)["Cora"].is_open) == (Role.LEAD, False)
    assert list(app.dataframe[0].value["May log in"]) == ["yes", "no, closed"]
    app.selectbox(key="change-who").select(_of(accounts)["Ada"].id).run()
    app.selectbox(key="change-role").select(Role.CODER)
    app.button(key="change-do").click().run()
    assert "this is the last administrator" in _said(app)
    assert _of(accounts)["Ada"].role is Role.ADMINISTRATOR


def test_a_password_is_changed_by_whoever_knows_the_old_one(opened: Open, logins: Logins) -> None:
    app = opened("account")
    assert "Ada, administrator" in _said(app)
    assert "after 15 minutes without work, and 12 hours after logging in" in _said(app)
    _change(app, old="not the old one", new=OTHER)
    assert "the old password is not right" in _said(app)
    _change(app, old=PASSWORD, new=OTHER, again="another")
    assert "the two new passwords differ" in _said(app)
    _change(app, old=PASSWORD, new=OTHER)
    assert "The password is changed." in _said(app)
    assert logins.log_in("Ada", OTHER)


def _change(app: AppTest, *, old: str, new: str, again: str | None = None) -> None:
    app.text_input(key="password-old").input(old)
    app.text_input(key="password-new").input(new)
    app.text_input(key="password-again").input(new if again is None else again)
    app.button(key="password-change").click().run()
    assert not app.exception


def test_logging_out_everywhere_ends_every_browser_and_leaves_nothing_on_the_page(
    opened: Open, logins: Logins, token: str
) -> None:
    elsewhere = logins.log_in("Ada", PASSWORD)
    app = opened("account")
    app.button(key="log-out-everywhere").click().run()
    assert not app.exception
    assert _said(app) == "You are not logged in. Going to the login page…"
    for each in (token, elsewhere):
        with pytest.raises(LoggedOff, match="logged out everywhere"):
            logins.who(each)


def test_the_health_page_shows_an_administrator_who_is_logged_in(opened: Open) -> None:
    app = opened("health")
    sessions = next(each.value for each in app.dataframe if "Last work" in each.value)
    assert list(sessions["Name"]) == ["Ada"]
    assert list(sessions["Role"]) == ["administrator"]
