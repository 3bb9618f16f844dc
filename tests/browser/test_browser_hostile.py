"""What a note, a file name, a comment or a coder's name says is text: on no page does it run
anything, load anything or tell anybody, and the server asks nobody outside either.

Nine payloads stand everywhere a person or a file can put words (`hostile.py`), and every page that
`ui.app.OFFERS` names is opened, new ones too.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from tests.browser.conftest import COLD, Server
from tests.browser.desk import download, open_note, row, upload, wait_saved
from tests.browser.hostile import ALL, PAYLOADS, PEOPLE, WORST, fill, fill_accounts, log_in
from ui.app import OFFERS, offered
from ui.services.rights import ALONE, Actor, Role

NAME = "<img src=x onerror=ran=1> ![p](https:__outside.example_p.png) :red[x].txt"
CANARY = "canarium-9137"
BROKEN = '[data-testid="stException"], [role="alert"]:has-text("BidiComponent Error")'
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'
MAIN = '[data-testid="stMain"]'
PAGES = [offer.page for offer in OFFERS if offer.needs in ALONE]
WATCH = Path(__file__).with_name("without_a_way_out")


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On a database that is hostile all over, and with an eye on what Python asks for outside."""
    folder = tmp_path_factory.mktemp("hostile")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        first_on_path=WATCH,
        environment={"TEST_OUTBOUND": str(folder / "outbound.log")},
    )
    fill(server.database)
    server.start()
    yield server
    server.kill()


class Watch:
    """What a page asked for, and whether a dialog opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[Request] = []
        self.dialogs: list[str] = []
        page.context.on("request", lambda request: self.asked.append(request))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def outside(self, port: int) -> set[str]:
        addresses = (urlsplit(each.url) for each in self.asked)
        hosts = {each.netloc for each in addresses if each.scheme.startswith(("http", "ws"))}
        return hosts - {f"localhost:{port}"}

    def ran(self) -> object:
        return self.page.evaluate("window.ran")


def _rest(page: Page) -> None:
    """Until the script of the page is done, twice: a component may ask for another run."""
    for _ in range(2):
        expect(page.locator(AT_REST)).to_be_visible()
        page.wait_for_timeout(150)


def _address(page: str, offered: list[str]) -> str:
    """The first page of those offered is where they start, and has no name of its own."""
    return "" if page == offered[0] else page


def _open_everything(page: Page) -> None:
    """What is folded, behind a tab or in a list of choices is a widget too."""
    for folded in page.locator(f'{MAIN} [data-testid="stExpander"] summary').all():
        folded.evaluate("summary => summary.click()")  # also behind a tab
    _rest(page)
    _open_choices(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        _rest(page)
        _open_choices(page)


def _open_choices(page: Page) -> None:
    for choice in page.locator(f'{MAIN} [data-testid="stSelectbox"] input').all():
        if choice.is_visible() and choice.is_enabled():
            choice.click()
            page.keyboard.press("Escape")
    _rest(page)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_runs_or_fetches_what_people_and_files_say(
    page: Page, server: Server, name: str
) -> None:
    watch = Watch(page)
    page.goto(f"{server.url}/{_address(name, PAGES)}?note={WORST}&code=ICD-10-CM%20R50.9")
    expect(page.locator("a[aria-current=page]")).to_contain_text(name.capitalize(), timeout=COLD)
    _rest(page)
    _open_everything(page)
    assert page.locator(BROKEN).count() == 0, "a part of the page is not drawn"
    assert (watch.ran(), watch.dialogs) == (None, [])
    assert watch.outside(server.port) == set()
    assert page.evaluate("document.baseURI").startswith(server.url)


def test_nor_do_the_pages_about_people(page: Page, checkpoint: Path, tmp_path: Path) -> None:
    """With accounts: a lead and an administrator whose names say all of it."""
    server = Server(
        checkpoint=checkpoint,
        database=tmp_path / "evicode.sqlite",
        log=tmp_path / "server.log",
        single_user=False,
    )
    fill(server.database)
    fill_accounts(server.database)
    server.start()
    try:
        watch = Watch(page)
        for role in (Role.ADMINISTRATOR, Role.LEAD):
            log_in(page, server.url, PEOPLE[role])
            theirs = [offer.page for offer in offered(Actor(name=PEOPLE[role], role=role))]
            for name in theirs:
                page.goto(f"{server.url}/{_address(name, theirs)}")
                _rest(page)
                _open_everything(page)
                assert page.locator(BROKEN).count() == 0, name
            page.context.clear_cookies()
        assert (watch.ran(), watch.dialogs) == (None, [])
        assert watch.outside(server.port) == set()
    finally:
        server.kill()


def test_the_worst_note_is_shown_as_it_was_written(page: Page, server: Server) -> None:
    open_note(page, server.url, WORST)
    for payload in PAYLOADS:
        expect(page.locator(".board .note")).to_contain_text(payload)


@pytest.mark.parametrize("payload", [each for each in PAYLOADS if each.startswith("<")])
def test_as_markup_the_same_payloads_are_noticed(page: Page, payload: str) -> None:
    """The protection taken out: the watch above sees each of them at work."""
    watch = Watch(page)
    page.set_content(f"{payload}<img src=relative.png>")
    page.wait_for_timeout(300)
    if "javascript:" in payload:
        page.get_by_text("here").click()
        page.wait_for_function("window.ran !== undefined")
    elsewhere = page.evaluate("document.baseURI").startswith("https://outside")
    assert watch.ran() is not None or watch.outside(0) or elsewhere


def test_hostile_uploads_run_and_fetch_nothing(page: Page, server: Server) -> None:
    watch = Watch(page)
    text = f"chest pain and fever {CANARY}\n" + "\n".join(PAYLOADS)
    upload(page, server.url, (NAME, text.encode()), ("=cmd.txt", b"\x00\x01"), ("e.txt", b""))
    open_note(page, server.url, 2 + len(PAYLOADS))
    expect(page.locator(".board .note")).to_contain_text("<iframe srcdoc")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    row(page, "I10").locator("button.accept").click()
    wait_saved(page, "I10", "Accepted")
    download(page, server.url)
    page.goto(server.url)
    _rest(page)
    assert (watch.ran(), watch.dialogs) == (None, [])
    assert watch.outside(server.port) == set()


def test_no_word_of_a_note_is_in_a_log_an_address_or_a_metric(page: Page, server: Server) -> None:
    """After all of the above: the canary's note was uploaded, opened, decided on, exported."""
    watch = Watch(page)
    open_note(page, server.url, 2 + len(PAYLOADS))
    expect(page.locator(".board .note")).to_contain_text(CANARY)
    assert not any(CANARY in each.url for each in watch.asked)
    assert CANARY not in page.url
    said = server.log.read_text("utf-8", errors="replace")
    assert CANARY not in said
    assert "outside.example" not in said, "nor a name, a comment or a reason"
    metrics = page.request.get(f"{server.url}/_stcore/metrics").text()
    assert CANARY not in metrics
    assert ALL[:20] not in metrics


def test_the_server_itself_asked_nobody_outside(page: Page, server: Server) -> None:
    page.goto(server.url)
    _rest(page)
    seen = server.database.with_name("outbound.log")
    assert not seen.exists() or seen.read_text() == ""


def test_a_server_that_did_would_be_noticed(tmp_path: Path) -> None:
    """The same eye on a Python that does ask."""
    seen = tmp_path / "outbound.log"
    code = (
        "import socket\nsocket.setdefaulttimeout(0.2)\n"
        "try: socket.socket().connect(('192.0.2.1', 9))\nexcept OSError: pass"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(WATCH), "TEST_OUTBOUND": str(seen)},
        check=True,
    )
    assert seen.read_text() == "socket.connect 192.0.2.1\n"
