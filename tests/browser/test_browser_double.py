"""Double coding in two browsers at once, blind to each other, settled by a third person."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accounts_desk import ask_for_second_coding, finish_chart, people
from tests.browser.conftest import COLD, Server
from tests.browser.desk import row, wait_saved

NOTE = 1


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("double")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        single_user=False,
    )
    server.start()
    yield server
    server.kill()


def _open(page: Page, address: str) -> list[str]:
    """Open the chart; the codes on its list."""
    page.goto(address)
    expect(page.locator(".board .row").first).to_be_visible(timeout=COLD)
    rows = page.locator(".board .row")
    names = [rows.nth(place).get_attribute("data-row") or "" for place in range(rows.count())]
    return [name.split()[-1] for name in names]


def _accept(page: Page, code: str) -> None:
    row(page, code).locator("button.accept").click()


def test_two_code_at_once_blind_and_a_third_settles_what_they_differ_in(
    browser: Browser, server: Server
) -> None:
    with people(browser, server) as arrive:
        lea = arrive("Lea", "lead")
        ask_for_second_coding(lea, NOTE)
        ana, bob = arrive("Ana", "coder"), arrive("Bob", "second coder")
        codes = _open(ana, f"{server.url}/review?note={NOTE}")
        assert _open(bob, f"{server.url}/review?note={NOTE}&pass=second") == codes
        same, only_ana, only_bob = codes[:3]

        for code in (same, only_ana):  # both browsers are at it, turn by turn
            _accept(ana, code)
        for code in (same, only_bob):
            _accept(bob, code)
        for page, code in ((ana, only_ana), (bob, only_bob)):
            wait_saved(page, same, "Accepted")
            wait_saved(page, code, "Accepted")
        bob.reload()
        expect(row(bob, only_bob).locator(".state-text")).to_have_text("Accepted", timeout=COLD)
        expect(row(bob, only_ana).locator(".state-text")).not_to_have_text("Accepted")
        finish_chart(ana)

        lea.goto(f"{server.url}/compare?note={NOTE}")
        expect(lea.get_by_text(re.compile("second coding of this note is not"))).to_be_visible()
        expect(lea.get_by_text(only_ana)).to_have_count(0)
        finish_chart(bob)

        lea.goto(f"{server.url}/compare?note={NOTE}")
        expect(lea.get_by_text("2 of 2 still to settle.")).to_be_visible(timeout=COLD)
        quotes = lea.get_by_test_id("quotes")
        expect(quotes.get_by_text("Ana", exact=True)).to_be_visible()
        expect(quotes.get_by_text("Bob", exact=True)).to_be_visible()
        lea.keyboard.press("a")
        expect(lea.get_by_text("1 of 2 still to settle.")).to_be_visible()
        lea.keyboard.press("3")
        expect(lea.get_by_text("0 of 2 still to settle.")).to_be_visible()
        lea.keyboard.press("z")
        expect(lea.get_by_text("1 of 2 still to settle.")).to_be_visible()
        lea.keyboard.press("3")
        expect(lea.get_by_text("0 of 2 still to settle.")).to_be_visible()
        lea.keyboard.press("f")
        expect(lea.get_by_text(re.compile("Settled and finished"))).to_be_visible()

        lea.get_by_role("button", name="All charts").click()
        expect(lea.get_by_text("Positive agreement").first).to_be_visible()
        expect(lea.get_by_test_id("stMetricValue").nth(2)).to_have_text("0.500")
