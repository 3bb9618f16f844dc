"""A lead promotes a model and rolls back while a coder works: no error, one model to a chart."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accounts_desk import people
from tests.browser.conftest import COLD, Server
from tests.browser.desk import open_note, row, wait_saved
from tests.models import changed_checkpoint

FIRST, NEXT, LAST = 1, 2, 3


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("models")
    changed_checkpoint(folder / "models" / "spring", of=checkpoint)
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        single_user=False,
        environment={"EVICODE_MODELS": str(folder / "models")},
    )
    server.start()
    yield server
    server.kill()


def _asked(server: Server, query: str, note: int) -> set[str]:
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        return {name for (name,) in connection.execute(query, (note,))}


def _shown(server: Server, note: int) -> set[str]:
    """The models of all suggestions that were shown for a note."""
    return _asked(server, "SELECT checkpoint FROM screens WHERE note_id = ?", note)


def _decided(server: Server, note: int) -> set[str]:
    """The models of the lists that all decisions on a note were made on."""
    query = (
        "SELECT checkpoint FROM decisions JOIN screens ON screens.id = screen_id "
        "WHERE decisions.note_id = ?"
    )
    return _asked(server, query, note)


def _codes(page: Page) -> list[str]:
    names = page.locator(".board .row").evaluate_all("rows => rows.map(r => r.dataset.row)")
    return [name.split()[-1] for name in names]


def _accept(page: Page, code: str) -> None:
    row(page, code).click()
    page.keyboard.press("a")
    wait_saved(page, code, "Accepted")


def _change(lead: Page, *, button: str, reason: str, now: str) -> None:
    """Fill the form of the button, send it, and wait until the page says what is in use."""
    form = lead.get_by_test_id("stForm").filter(has=lead.get_by_role("button", name=button))
    form.get_by_role("textbox", name="Reason").fill(reason)
    form.get_by_text("Yes, for everybody who codes here").click()
    form.get_by_role("button", name=button).click()
    expect(lead.get_by_text(f"● In use: {now}")).to_be_visible(timeout=COLD)


def test_a_model_is_promoted_and_rolled_back_while_another_codes(
    browser: Browser, server: Server
) -> None:
    with people(browser, server) as arrive:
        ana, lea = arrive("ana", "coder"), arrive("lea", "lead")
        open_note(ana, server.url, FIRST)
        first, second, third = _codes(ana)[:3]
        _accept(ana, first)
        lea.goto(f"{server.url}/models")
        lea.get_by_text("Register a checkpoint").click(timeout=COLD)
        lea.get_by_role("button", name="Register it").click()
        _change(lea, button="Put into use", reason="better on dev", now="spring")
        _accept(ana, second)  # on the page that was opened before
        expect(
            ana.get_by_text(re.compile("goes on with the model it was begun with"))
        ).to_be_visible()
        ana.reload()
        expect(row(ana, third)).to_be_visible(timeout=COLD)
        ana.keyboard.press("m")  # evidence by another method
        open_note(ana, server.url, NEXT)
        _accept(ana, _codes(ana)[0])
        lea.get_by_text("Roll back", exact=True).first.click()
        _change(lea, button="Roll back", reason="coders complain", now="tiny")
        _accept(ana, _codes(ana)[1])
        open_note(ana, server.url, FIRST)
        _accept(ana, third)
        open_note(ana, server.url, LAST)
        _accept(ana, _codes(ana)[0])
        expect(ana.get_by_text(re.compile("went wrong|another model"))).to_have_count(0)
    assert _shown(server, FIRST) == _decided(server, FIRST) == {"tiny-marn"}
    assert _shown(server, NEXT) == _decided(server, NEXT) == {"spring"}
    assert _shown(server, LAST) == _decided(server, LAST) == {"tiny-marn"}
    log = server.log.read_text("utf-8")
    assert "Traceback" not in log
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        past = list(connection.execute('SELECT kind, reason, "by" FROM model_events ORDER BY id'))
    assert past == [
        ("promoted", "better on dev", "lea"),
        ("rolled back", "coders complain", "lea"),
    ]
