"""Logging in, staying logged in and being locked out, with a clock the tests move."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from sqlalchemy import Engine, text

import db
from core.errors import BadInput, LoggedOff, NotAllowed
from tests.ui.accounts import OTHER, PASSWORD, Hands, an_account
from ui.services.accounts import Accounts, Role
from ui.services.logins import FREE_FAILURES, WRONG, Logins
from ui.services.rights import Actor


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def logins(engine: Engine, hands: Hands) -> Logins:
    return Logins(engine=engine, now=hands)


@pytest.fixture
def accounts(engine: Engine, hands: Hands) -> Accounts:
    return Accounts(engine=engine, now=hands)


def _fail(logins: Logins, name: str = "Cora", times: int = 1) -> str:
    said = ""
    for _ in range(times):
        with pytest.raises(LoggedOff) as caught:
            logins.log_in(name, "not the password")
        said = str(caught.value)
    return said


def test_the_first_account_is_an_administrators_and_there_is_no_second_first(
    logins: Logins,
) -> None:
    assert logins.is_first_run()
    token = logins.create_first("Ada", PASSWORD)
    assert logins.who(token) == Actor(name="Ada", role=Role.ADMINISTRATOR)
    assert not logins.is_first_run()
    with pytest.raises(NotAllowed, match="there are accounts already"):
        logins.create_first("Eve", PASSWORD)


def test_two_who_make_the_first_account_at_once_do_not_both_get_it(logins: Logins) -> None:
    def make(name: str) -> str:
        try:
            return logins.create_first(name, PASSWORD)
        except NotAllowed:
            return ""

    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(make, ["Ada", "Eve"]))
    assert sum(map(bool, tokens)) == 1


def test_a_name_in_any_case_and_its_password_are_a_login(
    logins: Logins, accounts: Accounts
) -> None:
    an_account(accounts)
    assert logins.who(logins.log_in("CORA ", PASSWORD)) == Actor(name="Cora", role=Role.CODER)


def test_an_unknown_name_and_a_wrong_password_get_the_same_words_in_the_same_time(
    logins: Logins, accounts: Accounts
) -> None:
    an_account(accounts)

    def took(name: str) -> float:
        started = perf_counter()
        assert _fail(logins, name) == WRONG
        return perf_counter() - started

    known = min(took("Cora") for _ in range(4))
    unknown = min(took("Nobody") for _ in range(4))
    assert 0.25 < unknown / known < 4  # without the dummy hash it is some 0.05


def test_a_closed_account_answers_like_a_wrong_password_and_its_browsers_are_off(
    logins: Logins, accounts: Accounts
) -> None:
    an_account(accounts, "Ada", Role.ADMINISTRATOR)
    cora = an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    accounts.close(cora.id, by="Ada")
    with pytest.raises(LoggedOff, match="an administrator closed this account"):
        logins.who(token)
    with pytest.raises(LoggedOff) as caught:
        logins.log_in("Cora", PASSWORD)
    assert str(caught.value) == WRONG
    accounts.open_again(cora.id, by="Ada")
    assert logins.who(logins.log_in("Cora", PASSWORD)).name == "Cora"


@pytest.mark.parametrize("name", ["Cora", "Nobody"])
def test_after_five_failures_a_name_waits_longer_each_time_known_or_not(
    logins: Logins, accounts: Accounts, hands: Hands, name: str
) -> None:
    an_account(accounts)
    assert _fail(logins, name, FREE_FAILURES) == WRONG
    assert "wait 31 seconds" in _fail(logins, name)
    hands.move(seconds=29)
    assert "wait 2 seconds" in _fail(logins, name)
    hands.move(seconds=1)
    assert _fail(logins, name) == WRONG
    assert "wait 61 seconds" in _fail(logins, name)
    for _ in range(4):
        hands.move(minutes=15)
        assert _fail(logins, name) == WRONG
    assert "wait 901 seconds" in _fail(logins, name)


def test_waiting_holds_for_the_right_password_too_and_over_a_restart(
    logins: Logins, accounts: Accounts, hands: Hands, engine: Engine
) -> None:
    an_account(accounts)
    _fail(logins, times=FREE_FAILURES)
    again = db.connect(engine.url.render_as_string())
    restarted = Logins(engine=again, now=hands)
    with pytest.raises(LoggedOff, match="too many attempts"):
        restarted.log_in("Cora", PASSWORD)
    hands.move(seconds=31)
    assert restarted.log_in("Cora", PASSWORD)
    again.dispose()
    assert _fail(logins, times=FREE_FAILURES) == WRONG  # the right password wiped the slate


def test_guesses_made_at_the_same_moment_all_count(logins: Logins, accounts: Accounts) -> None:
    an_account(accounts)

    def guess(_: int) -> str:
        try:
            logins.log_in("Cora", "a wrong guess")
        except LoggedOff as why:
            return str(why)
        return ""

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(12)))
    assert said.count(WRONG) == FREE_FAILURES


def test_idle_for_fifteen_minutes_is_logged_off_and_work_keeps_it_going(
    logins: Logins, accounts: Accounts, hands: Hands
) -> None:
    an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    for _ in range(4):
        hands.move(minutes=14, seconds=59)
        logins.who(token)
    hands.move(minutes=15)
    with pytest.raises(LoggedOff, match="after 15 minutes without work"):
        logins.who(token)


def test_a_socket_that_only_asks_does_not_keep_a_login_going(
    logins: Logins, accounts: Accounts, hands: Hands
) -> None:
    an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    for _ in range(3):
        hands.move(minutes=4)
        logins.who(token, works=False)
    hands.move(minutes=3)
    with pytest.raises(LoggedOff, match="without work"):
        logins.who(token, works=False)


def test_twelve_hours_after_logging_in_it_is_over_whatever_is_done(
    logins: Logins, accounts: Accounts, hands: Hands
) -> None:
    an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    for _ in range(12 * 6 - 1):
        hands.move(minutes=10)
        logins.who(token)
    hands.move(minutes=10)
    with pytest.raises(LoggedOff, match="12 hours after logging in"):
        logins.who(token)


def test_logging_out_ends_one_browser_and_everywhere_ends_all_of_this_person(
    logins: Logins, accounts: Accounts
) -> None:
    an_account(accounts)
    an_account(accounts, "Leo", Role.LEAD)
    here, there, third = (logins.log_in("Cora", PASSWORD) for _ in range(3))
    others = logins.log_in("Leo", PASSWORD)
    logins.log_out(here)
    with pytest.raises(LoggedOff, match="you logged out; log in again"):
        logins.who(here)
    logins.log_out_everywhere(there)
    for token in (there, third):
        with pytest.raises(LoggedOff, match="you logged out everywhere"):
            logins.who(token)
    assert logins.who(others).name == "Leo"
    logins.log_out(here)  # once more changes nothing


@pytest.mark.parametrize("token", [None, "", "guessed", "' OR 1=1 --"])
def test_a_token_nobody_was_given_is_nobody(logins: Logins, token: str | None) -> None:
    with pytest.raises(LoggedOff, match="nobody is logged in here"):
        logins.who(token)


def test_a_changed_password_logs_off_the_other_browsers(logins: Logins, accounts: Accounts) -> None:
    an_account(accounts)
    here, there = logins.log_in("Cora", PASSWORD), logins.log_in("Cora", PASSWORD)
    with pytest.raises(BadInput, match="the old password is not right"):
        logins.change_password(here, old=OTHER, new=OTHER)
    with pytest.raises(BadInput, match="easily guessed"):
        logins.change_password(here, old=PASSWORD, new="password1234")
    logins.change_password(here, old=PASSWORD, new=OTHER)
    assert logins.who(here).name == "Cora"
    with pytest.raises(LoggedOff, match="your password was changed"):
        logins.who(there)
    assert _fail(logins) == WRONG
    assert logins.log_in("Cora", OTHER)


def test_an_administrator_resets_a_password_and_the_wait_with_it(
    logins: Logins, accounts: Accounts
) -> None:
    cora = an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    _fail(logins, times=FREE_FAILURES)
    accounts.reset_password(cora.id, OTHER, by="Ada")
    with pytest.raises(LoggedOff, match="an administrator changed your password"):
        logins.who(token)
    assert logins.log_in("Cora", OTHER)


def test_another_role_counts_from_the_next_click(logins: Logins, accounts: Accounts) -> None:
    an_account(accounts, "Ada", Role.ADMINISTRATOR)
    cora = an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    accounts.give_role(cora.id, Role.AUDITOR, by="Ada")
    assert logins.who(token).role is Role.AUDITOR


def test_the_last_administrator_stays_one(accounts: Accounts) -> None:
    ada = an_account(accounts, "Ada", Role.ADMINISTRATOR)
    with pytest.raises(BadInput, match="last administrator"):
        accounts.give_role(ada.id, Role.CODER, by="Ada")
    with pytest.raises(BadInput, match="last administrator"):
        accounts.close(ada.id, by="Ada")
    (still,) = accounts.listing()
    assert (still.role, still.is_open) == (Role.ADMINISTRATOR, True)


def test_an_organisations_address_opens_its_account_and_makes_none(
    logins: Logins, accounts: Accounts, hands: Hands
) -> None:
    accounts.add("Cora", Role.CODER, by="Ada", email="Cora@clinic.example")
    token = logins.log_in_by_email("cora@CLINIC.example")
    assert logins.who(token).name == "Cora"
    for stranger in ("eve@clinic.example", "", " "):
        with pytest.raises(LoggedOff, match="no account here has your e-mail address"):
            logins.log_in_by_email(stranger)
    assert len(accounts.listing()) == 1
    assert _fail(logins) == WRONG  # it has no password to guess
    hands.move(minutes=15)
    with pytest.raises(LoggedOff, match="without work"):
        logins.who(token)


def test_an_address_belongs_to_one_account(accounts: Accounts) -> None:
    an_account(accounts, email="cora@clinic.example")
    with pytest.raises(BadInput, match="another account has this e-mail"):
        an_account(accounts, "Leo", email="CORA@clinic.example")
    with pytest.raises(BadInput, match="no e-mail address"):
        an_account(accounts, "Leo", email="leo")
    assert len(accounts.listing()) == 1


def test_everything_that_happens_to_an_account_is_on_record(
    logins: Logins, accounts: Accounts, engine: Engine
) -> None:
    an_account(accounts)
    token = logins.log_in("Cora", PASSWORD)
    logins.log_out(token)
    with db.unit_of_work(engine, write=False) as session:
        rows = session.execute(text('SELECT kind, "by" FROM account_events ORDER BY id')).all()
    assert [tuple(row) for row in rows] == [
        ("role", "Ada"),
        ("password", "Ada"),
        ("login", "Cora"),
        ("logout", "Cora"),
    ]
