"""Accounts in a real browser on a real server: the first one, logging in and out, whose files."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE, ROOT, Server
from tests.browser.desk import open_note, prepare_all, row, wait_saved

COLD = 3 * PATIENCE  # milliseconds; the first page of a server on a busy machine
PASSWORD = "three grey boats at noon"  # noqa: S105


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("accounts")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        single_user=False,
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


def _give(server: Server, name: str, role: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "db", "user", "add", name, "--role", role],
        input=f"{PASSWORD}\n",
        text=True,
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={"EVICODE_DATABASE": str(server.database), "PYTHONPATH": str(ROOT)},
    )


def _log_in(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
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
    expect(page.get_by_role("alert")).to_contain_text("easily guessed")
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
    expect(page.get_by_role("button", name="Next chart")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Next chart")).to_be_visible()
    expect(page.get_by_role("link", name="Export")).to_have_count(0)
    outside = {urlsplit(url).netloc for url in asked if url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}

    second = other.new_page()
    _log_in(second, server, "cora")
    second.get_by_role("link", name="Account").click()
    second.get_by_role("button", name="Log out everywhere").click()
    expect(second.get_by_label("Name")).to_be_visible()
    page.get_by_role("button", name="Next chart").click()
    expect(page.get_by_role("alert")).to_contain_text("you logged out everywhere")


def test_an_export_is_only_for_the_login_it_was_made_for(
    page: Page, server: Server, other: BrowserContext
) -> None:
    _give(server, "Lea", "lead")
    _give(server, "Leo", "lead")
    _log_in(page, server, "Lea")
    open_note(page, server.url, 1)
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
