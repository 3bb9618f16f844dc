"""What a coder's hands do in the browser, in words."""

import re
import sqlite3
from pathlib import Path

from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import COLD

SAVED = re.compile("saved")


class Line:
    """A page's line from the server, which can be held: then nothing arrives until it is let go.

    Make it before the page is opened.
    """

    def __init__(self, page: Page) -> None:
        self.waiting: list[str | bytes] | None = None  # what arrived while it is held
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def hold(self) -> None:
        self.waiting = []

    def let_go(self) -> None:
        waiting, self.waiting = self.waiting or [], None
        for message in waiting:
            self.socket.send(message)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.socket = socket
        socket.connect_to_server().on_message(self._arrive)

    def _arrive(self, message: str | bytes) -> None:
        if self.waiting is None:
            self.socket.send(message)
        else:
            self.waiting.append(message)


def upload(page: Page, url: str, *files: tuple[str, bytes]) -> None:
    """Drop files on the inbox, store what was understood, and wait for the report."""
    page.goto(url)
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": data} for name, data in files],
        timeout=COLD,
    )
    store = page.get_by_role("button", name=re.compile(r"Store all \d+ new"))
    expect(store).to_be_visible()
    if store.is_disabled():
        return  # all of it is here already
    store.click()
    expect(page.get_by_text(re.compile(r"^\d+ new, \d+ already here, \d+ refused"))).to_be_visible()


def newest(database: Path) -> int:
    """The note that was stored last."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return int(connection.execute("SELECT max(id) FROM notes").fetchone()[0])


def open_note(page: Page, url: str, number: int) -> None:
    page.goto(f"{url}/review?note={number}")
    expect(page.locator(".board .row").first).to_be_visible(timeout=COLD)


def row(page: Page, code: str) -> Locator:
    return page.locator(f'.row[data-row$=" {code}"]')


def state(page: Page, code: str) -> str:
    return row(page, code).locator(".state-text").inner_text()


def wait_saved(page: Page, code: str, text: str) -> None:
    """Wait until the row shows this state and the server has confirmed it."""
    expect(row(page, code).locator(".state-text")).to_have_text(text)
    expect(row(page, code).locator(".saved")).to_have_text(SAVED)


def add(page: Page, query: str, code: str) -> None:
    """Add a code by typeahead, with the keyboard."""
    page.keyboard.press("/")
    page.keyboard.type(query)
    expect(page.locator(".hit .code").first).to_have_text(code)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def download(page: Page, url: str) -> str:
    """The content of the default export, of all charts."""
    page.goto(f"{url}/export")
    prepare_all(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    return Path(waiting.value.path()).read_text("utf-8")


def prepare_all(page: Page) -> None:
    """On the export page: have the file of all charts written, finished or not."""
    page.get_by_label("Charts").click()
    page.get_by_role("option", name="All").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ codes? of"))).to_be_visible()
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.get_by_role("button", name="Download")).to_be_enabled()
