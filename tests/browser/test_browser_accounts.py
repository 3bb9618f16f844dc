"""Accounts in a real browser on a real server: who gets in, sees what, and when it is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, update
from sqlalchemy.orm import InstrumentedAttribute

import db
from db.account_tables import LoginRow
from tests.browser.conftest import COLD, PATIENCE, Server
from tests.browser.desk import open_note, prepare_all, row, wait_saved
from tests.ui.provider import running
from ui.app import OFFERS, offered
from ui.services.accounts import Accounts, Role
from ui.services.rights import Actor

PASSWORD = "three grey boats at noon"  # noqa: S105
ADDRESS = "olga@clinic.example"


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with accounts, and with an identity provider that vouches for Olga."""
    folder = tmp_path_factory.mktemp("accounts")
    with running({"email": ADDRESS, "email_verified": True}) as provider:
        server = Server(
            checkpoint=checkpoint,
            database=folder / "evicode.sqlite",
            log=folder / "server.log",
            single_user=False,
            options=("--secrets.files", str(folder / "secrets.toml")),
        )
        (folder / "secrets.toml").write_text(
            f'[auth]\nredirect_uri = "{server.url}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
            'client_id = "evicode"\nclient_secret = "between us"\n'
            f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
        )
        server.start()
        yield server
        server.kill()


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@contextmanager
def _database(server: Server) -> Iterator[Engine]:
    engine = db.connect(server.database)
    try:
        yield engine
    finally:
        engine.dispose()


def _give(server: Server, name: str, role: str, **more: str) -> None:
    with _database(server) as engine:
        accounts = Accounts(engine=engine, now=lambda: datetime.now(UTC))
        accounts.add(name, Role(role), by="test", password=PASSWORD, **more)


def _make_older(server: Server, when: InstrumentedAttribute[datetime], by: timedelta) -> None:
    """As if all who are logged in had last worked, or logged in, so long ago."""
    with _database(server) as engine, db.unit_of_work(engine) as session:
        session.execute(update(LoginRow).values({when: datetime.now(UTC) - by}))


def _try(page: Page, server: Server, name: str, password: str) -> None:
    page.goto(f"{server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def _log_in(page: Page, server: Server, name: str) -> None:
    _try(page, server, name, PASSWORD)
    expect(page.get_by_role("link", name="Account")).to_be_visible(timeout=COLD)


def test_the_first_account_is_an_administrator_who_gives_out_the_others(
    page: Page, server: Server
) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name="The first account")).to_be_visible()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_label("Password again").fill("password1234")
    page.get_by_role("button", name="Make the account").click()
    expect(page.locator(".said[role=alert]")).to_contain_text("easily guessed")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("New account")).to_be_visible(timeout=COLD)
    expect(page.get_by_role("link", name="Inbox")).to_have_count(0)
    page.get_by_text("New account").click()
    page.get_by_role("textbox", name="Name").fill("Cleo")
    page.get_by_role("textbox", name="First password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("Coder added.")).to_be_visible()
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "evicode"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Strict", -1)


def test_a_coder_logs_in_stays_over_a_reload_and_leaves_everywhere(
    page: Page, server: Server, other: BrowserContext
) -> None:
    _give(server, "Cora", "coder")
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    _log_in(page, server, "Cora")
    next_chart = page.get_by_role("button", name="Next chart")
    expect(next_chart).to_be_visible(timeout=COLD)
    page.reload()
    expect(next_chart).to_be_visible(timeout=COLD)
    expect(page.get_by_role("link", name="Export")).to_have_count(0)
    outside = {urlsplit(url).netloc for url in asked if url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}

    second = other.new_page()
    _log_in(second, server, "cora")
    second.get_by_role("link", name="Account").click()
    second.get_by_role("button", name="Log out everywhere").click()
    expect(second.get_by_label("Name")).to_be_visible()
    page.get_by_role("button", name="Next chart").click()
    expect(page.locator(".said[role=alert]")).to_contain_text("you logged out everywhere")


def test_whoever_guesses_has_to_wait_even_with_the_right_password(
    page: Page, server: Server
) -> None:
    _give(server, "Wanda", "coder")
    for _ in range(5):
        _try(page, server, "Wanda", "not this one either")
        expect(page.locator(".said[role=alert]")).to_contain_text("do not go together")
    _try(page, server, "Wanda", PASSWORD)
    expect(page.locator(".said[role=alert]")).to_contain_text(
        "too many attempts for this name; wait"
    )
    assert [each["name"] for each in page.context.cookies()] == []


def test_a_browser_leaves_by_itself_after_the_idle_limit(page: Page, server: Server) -> None:
    _give(server, "Ida", "coder")
    page.clock.install()
    _log_in(page, server, "Ida")
    expect(page.get_by_role("button", name="Next chart")).to_be_visible(timeout=COLD)
    _make_older(server, LoginRow.seen_at, timedelta(minutes=15))
    page.clock.fast_forward("15:05")
    expect(page.locator(".said[role=alert]")).to_contain_text("after 15 minutes without work")
    assert "/login?next=" in page.url


def test_twelve_hours_after_logging_in_the_next_click_leads_out(page: Page, server: Server) -> None:
    _give(server, "Tara", "coder")
    _log_in(page, server, "Tara")
    next_note = page.get_by_role("button", name="Next chart")
    expect(next_note).to_be_visible(timeout=COLD)
    _make_older(server, LoginRow.opened_at, timedelta(hours=12))
    next_note.click()
    expect(page.locator(".said[role=alert]")).to_contain_text("12 hours after logging in")


def test_an_organisations_login_opens_the_account_with_its_address(
    page: Page, server: Server
) -> None:
    _give(server, "Olga", "auditor", email=ADDRESS)
    page.goto(f"{server.url}/export")
    page.get_by_role("link", name="Log in with your organisation").click()
    page.wait_for_url(lambda url: "/login" not in url and "/auth" not in url)
    expect(page.get_by_role("link", name="Account")).to_be_visible(timeout=COLD)
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert cookies["evicode"]["httpOnly"]
    assert not any(name.startswith("_streamlit_user") for name in cookies)
    page.reload()
    expect(page.get_by_role("link", name="Account")).to_be_visible(timeout=COLD)


@pytest.mark.parametrize(
    ("name", "role", "not_theirs"),
    [("Rosa", "coder", "people"), ("Rita", "auditor", "health"), ("Ruth", "administrator", "")],
)
def test_each_role_sees_its_pages_and_finds_no_other_by_its_address(
    page: Page, server: Server, name: str, role: str, not_theirs: str
) -> None:
    """And while they look around, no page asks anybody but its own server."""
    _give(server, name, role)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    _log_in(page, server, name)
    theirs = [offer.page for offer in offered(Actor(name=name, role=Role(role)))]
    for each in theirs:
        page.goto(f"{server.url}/{each}")
        link = page.locator("a[aria-current=page]")
        expect(link).to_contain_text(each.capitalize(), timeout=COLD)
    hidden = not_theirs or "review"
    assert hidden in {offer.page for offer in OFFERS} - set(theirs)
    page.goto(f"{server.url}/{hidden}")
    expect(page.get_by_role("dialog")).to_contain_text("Page not found", timeout=COLD)
    expect(page.get_by_role("link", name=hidden.capitalize())).to_have_count(0)
    outside = {urlsplit(url).netloc for url in asked if url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}


def test_an_export_is_only_for_the_login_it_was_made_for(
    page: Page, server: Server, other: BrowserContext
) -> None:
    _give(server, "Lea", "lead")
    _give(server, "Leo", "lead")
    _log_in(page, server, "Lea")
    open_note(page, server.url, 2)  # Rosa has the first
    code = page.locator(".board .row").first.get_attribute("data-row") or ""
    row(page, code.split()[-1]).locator("button.accept").click()
    wait_saved(page, code.split()[-1], "Accepted")
    page.get_by_role("link", name="Export").click()
    assert page.context.request.get(f"{server.url}/_stcore/metrics").status == 403
    media = _media(page)
    second = other.new_page()
    _log_in(second, server, "Leo")
    expect(second.get_by_role("link", name="Export")).to_be_visible()
    assert page.context.request.get(media).status in (200, 404)  # the page offers a newer one now
    for stranger in (second.context.request.get(media), other.request.get(media)):
        assert (stranger.status, stranger.headers["cache-control"]) == (403, "no-store")
    other.clear_cookies()
    assert other.request.get(media).status == 401


def _media(page: Page) -> str:
    """The address of the export, which has just been prepared and downloaded from there."""
    prepare_all(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    assert Path(waiting.value.path()).read_text("utf-8").count("\n") == 2
    return waiting.value.url
