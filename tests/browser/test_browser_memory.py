"""Provenance, contexts, phrases and kinds of list as a coder sees and reaches them."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Server
from tests.browser.desk import open_note, row, upload, wait_saved

WORTH = r"Codes scored 0\.9 to 1\.0 were right 92 times in 100"
LETTER = 10  # nine samples stand before it
NOTE = "Fever and cough.\r\nFather with hypertension, no chest pain. 🫁 " + "Stable. " * 60


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("remembering")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        app=ROOT / "tests" / "browser" / "remembering_app.py",
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
def chart(page: Page, server: Server) -> Page:
    if not _stored(server):
        upload(page, server.url, ("letter.txt", NOTE.encode()))
    open_note(page, server.url, LETTER)
    return page


def _codes(page: Page) -> list[str]:
    return page.locator(".row .code").all_inner_texts()


def _stored(server: Server) -> bool:
    if not server.database.exists():
        return False
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        return bool(connection.execute("SELECT 1 FROM notes WHERE id = ?", (LETTER,)).fetchall())


def _screens(server: Server) -> list[tuple[float | None, str]]:
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        query = "SELECT coverage, memory FROM screens WHERE note_id = 10 ORDER BY id"
        return connection.execute(query).fetchall()


def test_a_coder_sees_why_and_how_the_note_speaks_of_it(chart: Page) -> None:
    pressure = row(chart, "I10")
    expect(pressure.locator(".provenance")).to_have_text(re.compile("seen in 1[45] coded notes"))
    expect(pressure.locator(".context")).to_have_text(["⌂family", "↺historical"])
    expect(pressure).to_have_attribute(
        "aria-label", re.compile(r"I10 .*, family, historical, .*seen in 1[45] coded notes.*Open")
    )
    expect(chart.locator(".segmented button[aria-pressed=true]").first).to_have_text(
        "Phrases and network"
    )
    expect(chart.locator(".note .evidence")).to_have_text("hypertension")
    expect(chart.locator(".explains")).to_contain_text(re.compile(WORTH))
    row(chart, "R50.9").click()
    chart.keyboard.press("m")
    expect(chart.locator(".explains")).to_contain_text("no phrase is known for it here; attention")
    expect(chart.locator(".note .evidence").first).to_be_attached()
    row(chart, "K35.80").click()
    chart.keyboard.press("m")
    expect(chart.locator(".explains")).to_contain_text("not among the network's codes")
    chart.keyboard.press("m")
    chart.keyboard.press("m")
    expect(chart.locator(".note .evidence")).to_have_text("chest pain")
    snippet = row(chart, "K35.80").locator(".snippet")
    expect(snippet.locator("b")).to_have_text("chest pain")
    expect(snippet).to_contain_text("no chest pain. 🫁 Stable.")


def test_the_list_is_switched_by_key_and_by_click_and_nothing_jumps(
    chart: Page, server: Server
) -> None:
    likely = _codes(chart)
    row(chart, "K35.80").click()
    top = row(chart, "K35.80").bounding_box()
    chart.keyboard.press("l")
    expect(chart.locator(".promise")).to_contain_text("expected to hold 80 % of a note's codes")
    assert _codes(chart) == ["I10", "K35.80"]
    expect(chart.locator(".row.is-selected .code")).to_have_text("K35.80")
    assert row(chart, "K35.80").bounding_box() == top
    chart.get_by_role("button", name="A list of 90 % of the note's codes").click()
    expect(chart.locator(".promise")).to_contain_text("3 codes")
    assert _codes(chart) == [code for code in likely if code in ("I10", "K35.80", "R50.9")]
    assert chart.locator("[data-coverage='0.95']").is_disabled()
    assert [coverage for coverage, _ in _screens(server)][-2:] == [0.8, 0.9]
    chart.reload()
    expect(chart.locator("[data-coverage='0.9']")).to_have_attribute("aria-pressed", "true")
    assert _codes(chart) == ["I10", "K35.80", "R50.9"]
    chart.keyboard.press("l")
    expect(chart.locator(".promise")).to_contain_text("No share of the note's codes is promised")
    assert _codes(chart) == likely


def test_a_decision_teaches_the_next_note_and_leaves_this_list(chart: Page, server: Server) -> None:
    chart.keyboard.press("a")
    wait_saved(chart, "I10", "Accepted")
    expect(row(chart, "I10").locator(".provenance")).to_contain_text("14 coded notes")
    chart.keyboard.press("n")
    expect(chart.locator(".board h2")).not_to_have_text("letter")
    expect(row(chart, "I10").locator(".provenance")).to_contain_text("15 coded notes")
    assert {memory for _, memory in _screens(server)} == {""}
    server.kill()
    server.start()
    open_note(chart, server.url, 8)
    expect(row(chart, "I10").locator(".provenance")).to_contain_text("15 coded notes")
