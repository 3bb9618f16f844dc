"""What a coder marks stands on the memory page at once, and is gone when they take it back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import COLD, Server
from tests.browser.desk import open_note, upload, wait_saved
from tests.models import tiny_fused_checkpoint

LETTER = 10  # nine samples stand before it
NOTE = "Zebrafinch syndrome known for years. Fever and cough."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("learning")
    tiny_fused_checkpoint(folder / "fused")
    server = Server(
        checkpoint=folder / "fused",
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
    )
    server.start()
    yield server
    server.kill()


def _mark_the_first_word(page: Page) -> None:
    page.keyboard.press("v")
    expect(page.locator(".caret")).to_be_visible()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".note .marked")).to_have_count(1)
    page.keyboard.press("Escape")


def _memory(page: Page, url: str, search: str) -> None:
    page.goto(f"{url}/memory")
    page.get_by_placeholder("Words, a code or its title").fill(search, timeout=COLD)
    page.keyboard.press("Enter")


def test_a_marked_word_is_on_the_memory_page_until_the_decision_is_taken_back(
    page: Page, server: Server
) -> None:
    upload(page, server.url, ("letter.txt", NOTE.encode()))
    open_note(page, server.url, LETTER)
    _mark_the_first_word(page)
    code = page.locator(".row.is-selected .code").inner_text()
    page.keyboard.press("a")
    wait_saved(page, code, "Accepted")
    _memory(page, server.url, "zebrafinch")
    expect(page.get_by_text("1 phrase", exact=True)).to_be_visible(timeout=COLD)
    open_note(page, server.url, LETTER)
    page.keyboard.press("u")
    expect(page.locator(".undone")).to_have_text(f"Undone: the decision on {code}")
    _memory(page, server.url, "zebrafinch")
    expect(page.get_by_text("No phrase matches")).to_be_visible(timeout=COLD)
