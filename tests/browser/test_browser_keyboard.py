"""A whole chart by keyboard alone; typing never decides; undo restores and is itself recorded."""

import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import add, open_note, row, state, wait_saved

CODES = ("I10", "R07.9", "R50.9", "J18.9", "E11.9")


@pytest.fixture
def chart(page: Page, server: Server) -> Page:
    open_note(page, server.url, 1)
    return page


def selected(page: Page) -> str:
    return page.locator(".row.is-selected .code").inner_text()


def progress(page: Page) -> str:
    expect(page.locator(".progress-saving")).to_have_text("all saved")
    return page.locator(".progress-text").inner_text()


def recorded(server: Server) -> list[tuple[str, str]]:
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        return connection.execute(
            "SELECT code, action FROM decisions WHERE note_id = 1 ORDER BY sequence"
        ).fetchall()


def marked(server: Server, code: str) -> list[str]:
    """The words that were marked for a code, as they stand in the note."""
    query = """SELECT text, start, end FROM decisions AS d JOIN marks ON decision_id = d.id
        JOIN notes ON notes.id = note_id WHERE d.code = ? ORDER BY start"""
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as connection:
        rows = connection.execute(query, (code,)).fetchall()
    return [text[start:end] for text, start, end in rows]


def mark_two_words(page: Page) -> list[str]:
    """Mark two passages with the caret alone; what they say."""
    said = page.locator(".mark-note")
    page.keyboard.press("v")
    expect(page.locator(".caret")).to_be_visible()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("axun")  # nobody types into a note, and no shortcut fires
    page.keyboard.press("End")
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".note .marked")).to_have_count(2)
    words = page.locator(".note .marked").all_inner_texts()
    page.keyboard.press("Escape")
    expect(said).to_have_text(re.compile(f"^Marked “{re.escape(words[0])}”, .*they go with"))
    return words


def change_to_the_next(page: Page) -> str:
    """Look at the notes on the selected code and change it to the second one offered."""
    page.keyboard.press("i")
    expect(page.locator(".choice").nth(1)).to_be_visible()
    page.keyboard.press("y")
    page.keyboard.press("ArrowDown")
    other = page.locator(".choice.is-highlighted .code").inner_text()
    page.keyboard.press("Enter")
    return other


def test_a_whole_chart_by_keyboard_alone(chart: Page, server: Server) -> None:
    first = selected(chart)
    chart.keyboard.press("a")
    wait_saved(chart, first, "Accepted")
    second = selected(chart)
    assert second != first, "after a decision the next open code is selected"
    chart.keyboard.press("x")
    chart.keyboard.press("Escape")
    assert state(chart, second) == "Open"
    chart.keyboard.press("x")
    chart.keyboard.press("3")
    wait_saved(chart, second, "Rejected: history only")
    chart.keyboard.press("u")
    expect(row(chart, second).locator(".state-text")).to_have_text("Open")
    assert progress(chart) == "1 of 5 suggestions decided; 1 code accepted"
    chart.keyboard.press("Shift+U")
    wait_saved(chart, second, "Rejected: history only")
    chart.keyboard.press("ArrowDown")
    third = selected(chart)
    chart.keyboard.press("k")
    assert selected(chart) == second
    chart.keyboard.press("j")
    assert selected(chart) == third
    add(chart, "K35.80", "K35.80")
    wait_saved(chart, "K35.80", "Added")
    assert progress(chart) == "2 of 5 suggestions decided; 2 codes accepted"
    made = [
        (first, "accept"),
        (second, "reject"),
        (second, "retract"),
        (second, "reject"),
        ("K35.80", "add"),
    ]
    assert recorded(server) == made
    third = next(code for code in ("R07.9", "R50.9", "J18.9") if code not in (first, second))
    while selected(chart) != third:
        chart.keyboard.press("k")
    words = mark_two_words(chart)
    other = change_to_the_next(chart)
    wait_saved(chart, other, "Added")
    expect(row(chart, third).locator(".state-text")).to_contain_text("Rejected")
    assert marked(server, other) == words
    chart.keyboard.press("u")
    expect(row(chart, other)).to_have_count(0)
    expect(row(chart, third).locator(".state-text")).to_have_text("Open")
    chart.keyboard.press("Shift+U")
    wait_saved(chart, other, "Added")
    made += [(third, "reject"), (other, "add"), (other, "retract"), (third, "retract")]
    made += [(third, "reject"), (other, "add")]
    assert recorded(server) == made
    chart.keyboard.press("f")
    expect(chart.locator(".dialog")).to_contain_text("What did the list miss?")
    chart.keyboard.press("Enter")
    expect(chart.locator(".banner")).to_contain_text("This chart is finished")
    chart.keyboard.press("a")
    assert recorded(server) == made, "a finished chart takes no decision"
    chart.keyboard.press("n")
    expect(chart.locator(".board h2")).to_have_text("sample-02-chest-ct-report")


def test_typing_and_enter_in_the_search_never_decide(page: Page, server: Server) -> None:
    open_note(page, server.url, 2)
    page.keyboard.press("/")
    page.keyboard.type("axun f")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("appendicitis")
    expect(page.locator(".hit").first).to_contain_text("appendicitis")
    page.keyboard.press("Enter")
    expect(page.locator(".progress-text")).to_have_text(
        "0 of 5 suggestions decided; 0 codes accepted"
    )
    expect(page.locator(".dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.press("m")
    expect(page.locator("[data-method=integrated_gradients]")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator(".explains")).to_contain_text("Convergence delta")


def test_twenty_hurried_decisions_are_all_kept_in_order(page: Page, server: Server) -> None:
    open_note(page, server.url, 4)
    for _ in range(4):
        for key in ("a", "u", "Shift+U", "ArrowUp", "x", "2"):
            page.keyboard.press(key)
    expect(page.locator(".progress-saving")).to_have_text("all saved")
    expect(page.locator(".failure:visible")).to_have_count(0)


def test_every_key_is_listed(chart: Page) -> None:
    chart.keyboard.press("?")
    for key in ("A", "U", "/", "V", "I", "Y", "G", "B", "M", "N", "F"):
        expect(chart.locator(".dialog kbd", has_text=key).first).to_be_visible()
    chart.keyboard.press("Escape")
    expect(chart.locator(".dialog")).to_be_hidden()
