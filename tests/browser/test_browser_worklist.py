"""The worklist in two real browsers: who has a chart, handing it over, and a lead who assigns."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import COLD, PATIENCE, ROOT, Server

PASSWORD = "three grey boats at noon"  # noqa: S105
PEOPLE = {"Ada": "administrator", "Lea": "lead", "Cora": "coder", "Carl": "coder"}
PEOPLE |= {"Sam": "second coder"}


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("worklist")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        single_user=False,
    )
    for name, role in PEOPLE.items():
        subprocess.run(
            [sys.executable, "-m", "db", "user", "add", name, "--role", role],
            input=f"{PASSWORD}\n",
            text=True,
            cwd=ROOT,
            check=True,
            capture_output=True,
            env={"EVICODE_DATABASE": str(server.database), "PYTHONPATH": str(ROOT)},
        )
    server.start()
    yield server
    server.kill()


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def _log_in(page: Page, server: Server, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".worklist tbody tr").first).to_be_visible(timeout=COLD)


def _line(page: Page, number: int) -> Locator:
    return page.locator(f'.worklist tr[data-key^="{number} "]')


def _mark(page: Page, *numbers: int) -> None:
    for number in numbers:
        _line(page, number).get_by_role("checkbox").check()
    expect(page.get_by_text(f"{len(numbers)} marked")).to_be_visible()


def _choose(page: Page, coder: str) -> None:
    page.get_by_test_id("stPopoverBody").get_by_label("Coder").click()
    page.get_by_role("option", name=coder).click()


def _inbox(page: Page) -> None:
    page.get_by_test_id("stTopNav").get_by_role("link", name="Inbox").click()
    expect(page.locator(".worklist tbody tr").first).to_be_visible()


def test_one_has_the_chart_the_other_sees_it_and_gets_it_handed_over(
    page: Page, other: Page, server: Server
) -> None:
    _log_in(page, server, "Cora")
    page.locator(".worklist button.open").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".board .row").first).to_be_visible(timeout=COLD)
    assert "note=2" in page.url

    _log_in(other, server, "Carl")
    expect(_line(other, 2)).to_contain_text(re.compile(r"Cora\s+since \d\d:\d\d"))
    _line(other, 2).get_by_role("button").click()
    expect(other.get_by_text("Cora has this chart since")).to_be_visible()
    other.goto(f"{server.url}/review?note=2")
    expect(other.get_by_text("ask them to hand it over")).to_be_visible()
    expect(other.locator(".board")).to_have_count(0)

    _inbox(page)
    expect(_line(page, 2)).to_contain_text("you")
    _mark(page, 2)
    page.get_by_role("button", name="Hand over").click()
    _choose(page, "Carl")
    page.get_by_role("button", name="Hand over: 1").click()
    expect(_line(page, 2)).to_contain_text("Carl")
    _inbox(other)
    expect(_line(other, 2)).to_contain_text("you")
    _line(other, 2).get_by_role("button").click()
    expect(other.locator(".board .row").first).to_be_visible(timeout=COLD)


def test_a_lead_assigns_asks_for_a_second_coding_and_next_follows(
    page: Page, other: Page, server: Server
) -> None:
    _log_in(page, server, "Lea")
    _mark(page, 5, 6)
    page.get_by_role("button", name="Assign").click()
    _choose(page, "Carl")
    page.get_by_role("button", name="Assign: 2").click()
    expect(_line(page, 5)).to_contain_text("Carl")
    page.get_by_role("button", name="Priority").click()
    page.get_by_text("▲▲ urgent", exact=True).click()
    page.get_by_role("button", name="Priority: 2").click()
    expect(page.locator(".worklist tbody tr").first).to_contain_text("urgent")
    page.get_by_role("button", name="Second coding").click()
    page.get_by_role("button", name="Second coding: 2").click()
    expect(page.locator('.worklist tr[data-key="5 second"]')).to_be_visible()

    _log_in(other, server, "Carl")
    other.get_by_role("button", name="Next chart").click()
    expect(other.locator(".board .row").first).to_be_visible(timeout=COLD)
    assert "note=5" in other.url
    assert "pass" not in other.url
    other.keyboard.press("n")
    expect(other).to_have_url(re.compile("note=6"))

    _log_in(page, server, "Sam")
    expect(page.locator('.worklist tr[data-key="5 first"]')).to_have_count(0)
    page.locator('.worklist tr[data-key="5 second"]').get_by_role("button").click()
    expect(page.locator(".board .row").first).to_be_visible(timeout=COLD)
    assert "pass=second" in page.url
