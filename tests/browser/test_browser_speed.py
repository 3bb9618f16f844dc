"""A coder waits for nothing: not for the server's housekeeping, nor for a long note."""

import re
import statistics
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import newest, open_note, row, upload, wait_saved

BOUND = 0.4  # seconds from click to "saved"; 1.0 while the code tables were collected after each
ROUNDS = 40  # the tables are still loading during the first ones


def seconds_to_save(page: Page, code: str) -> float:
    start = time.perf_counter()
    row(page, code).locator("button.accept").click()
    while row(page, code).locator(".saved", has_text="saved ·").count() == 0:
        assert time.perf_counter() - start < 30
    return time.perf_counter() - start


def test_a_decision_is_shown_as_saved_at_once(page: Page, server: Server) -> None:
    open_note(page, server.url, 3)
    times: list[float] = []
    while len(times) < 5 or statistics.median(times[-5:]) > BOUND:
        assert len(times) < ROUNDS, f"the last five took {times[-5:]}"
        times.append(seconds_to_save(page, "I10"))
        wait_saved(page, "I10", "Accepted")
        row(page, "I10").locator("button.retract").click()
        row(page, "I10").locator("button.accept").wait_for()


SECTION = "HISTORY OF PRESENT ILLNESS:\nFever 🫁 and cough for three days, no chest pain. "
NEXT = 0.5  # seconds from a shortcut to the next suggestion, in 19 of 20 cases
TRIES = 5


def seconds_to_next(page: Page, key: str) -> float:
    """From pressing a key until another code is selected, and its row drawn."""
    selected = page.locator(".row.is-selected .code")
    before = selected.inner_text()
    start = time.perf_counter()
    page.keyboard.press(key)
    while selected.inner_text() == before:
        assert time.perf_counter() - start < 30
    return time.perf_counter() - start


def _of_twenty(page: Page) -> float:
    """Seconds that 19 of 20 moves stay below."""
    times = [seconds_to_next(page, key) for _ in range(10) for key in ("a", "u")]
    return statistics.quantiles(times, n=20)[-1]


@pytest.mark.parametrize("tokens", [4_000, 20_000])
def test_a_shortcut_leads_to_the_next_suggestion_at_once(
    page: Page, server: Server, tokens: int
) -> None:
    stays = f"{SECTION}\n\nMEDICATIONS:\n" + "Aspirin 100 mg daily, seen again.\n" * (tokens // 6)
    text = f"{stays}\n\nPLAN:\nIn a week."
    assert len(text.split()) >= tokens
    upload(page, server.url, (f"long-{tokens}.txt", text.encode()))
    open_note(page, server.url, newest(server.database))
    slowest = [_of_twenty(page)]
    while slowest[-1] > NEXT:  # the machine may be at something else, but not for long
        assert len(slowest) < TRIES, slowest
        slowest.append(_of_twenty(page))
    expect(page.locator(".progress-saving")).to_have_text("all saved")
    expect(page.locator(".failure:visible")).to_have_count(0)
    start = time.perf_counter()
    page.locator(".section", has_text="PLAN").click()
    expect(page.locator(".section[aria-current]")).to_have_text("PLAN")
    page.keyboard.press("v")
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Control+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".note .marked")).to_have_text(re.compile("week|[.]"))
    assert time.perf_counter() - start < 4, "marking the last word of a long note"
