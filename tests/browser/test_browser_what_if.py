"""What-ifs and how far to trust evidence, by keyboard; nothing moves, nothing is decided."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import open_note, row, state

CODES = ("I10", "R07.9", "R50.9", "J18.9", "E11.9")
CHANGE = re.compile(r"What if: (stays at|drops from|rises from) ")


@pytest.fixture
def chart(page: Page, server: Server) -> Page:
    open_note(page, server.url, 1)
    return page


def places(page: Page) -> list[dict[str, float] | None]:
    """Where everything stands that a coder may be about to click or read."""
    parts = [".note-scroll", ".explains", ".said", ".list-scroll", "footer"]
    return [page.locator(part).bounding_box() for part in parts] + [
        row(page, code).bounding_box() for code in CODES
    ]


def written(server: Server, table: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


def test_how_far_evidence_can_be_trusted_is_said_without_a_jump(
    chart: Page, server: Server
) -> None:
    before = places(chart)
    expect(chart.locator(".said")).to_contain_text(re.compile("^(Removing|No) .*words"))
    assert places(chart) == before
    said = chart.locator(".said").inner_text()
    assert said in {sentence for *_, sentence, _ in written(server, "evidence_said")}
    chart.keyboard.press("ArrowDown")
    expect(chart.locator(".said.is-waiting")).to_have_count(0)
    assert places(chart) == before
    chart.reload()
    expect(chart.locator(".said")).to_have_text(said)


def test_a_what_if_by_keyboard_shows_every_change_and_decides_nothing(
    chart: Page, server: Server
) -> None:
    expect(chart.locator(".said")).to_contain_text("words")
    first = chart.locator(".row.is-selected .code").inner_text()
    real = row(chart, first).locator(".bar .number").inner_text()
    before, kept = places(chart), written(server, "decisions")
    chart.keyboard.press("w")
    panel = chart.get_by_role("region", name="What if: not the real scores")
    expect(panel).to_contain_text("these are not the real scores")
    expect(row(chart, first).locator(".change")).to_contain_text(CHANGE)
    for code in CODES:
        expect(row(chart, code).locator(".change .arrow")).to_have_text(re.compile("[↓↑=]"))
    assert row(chart, first).locator(".change .was").inner_text() == real
    assert chart.locator(".note del").count() > 0
    assert places(chart) == before
    for key in ("a", "x", "u", "f"):
        chart.keyboard.press(key)
    row(chart, first).locator("button.accept").click(force=True)
    chart.wait_for_timeout(300)
    expect(chart.locator(".dialog, .sheet").locator("visible=true")).to_have_count(0)
    assert (state(chart, first), written(server, "decisions")) == ("Open", kept)
    chart.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(chart.locator(".note del")).to_have_count(0)
    assert row(chart, first).locator(".bar .number").inner_text() == real
    assert places(chart) == before


def test_selected_words_serve_both_a_what_if_and_as_evidence(chart: Page, server: Server) -> None:
    box = chart.locator(".note").bounding_box()
    assert box is not None
    chart.mouse.dblclick(box["x"] + 20, box["y"] + 10)
    expect(chart.locator(".mark-note")).to_contain_text("goes with the next code")
    word = chart.evaluate("document.getSelection().toString().trim()") or None
    chart.get_by_role("button", name="Without the selected").click()
    gone = chart.locator(".note del")
    expect(gone).to_have_count(1)
    assert word is None or gone.inner_text() == word
    expect(chart.locator(".change .arrow").first).to_be_visible()
    chart.keyboard.press("w")
    expect(gone).to_have_count(0)
    expect(chart.locator(".mark-note")).to_contain_text("goes with the next code")
    chart.keyboard.press("Escape")
    expect(chart.locator(".mark-note")).to_contain_text("Select text in the note")
