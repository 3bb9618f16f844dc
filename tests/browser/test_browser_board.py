"""The board around the note: sections, codes around a found one, a first list without help."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

import db
from db import trials
from db.trials import TrialKind
from tests.browser.conftest import Server
from tests.browser.desk import add, newest, open_note, row, upload, wait_saved

NOTE = "".join(
    f"{title}:\n{'Nothing of note 🫁. ' * 40}\n\n"
    for title in ("HISTORY", "MEDICATIONS", "FAMILY HISTORY", "EXAMINATION", "PLAN")
)


@pytest.fixture
def chart(page: Page, server: Server, request: pytest.FixtureRequest) -> Page:
    """A note of each test's own."""
    name = str(request.node.name)
    upload(page, server.url, (f"{name}.txt", f"{NOTE}{name}\n".encode()))
    open_note(page, server.url, newest(server.database))
    return page


def _current(page: Page) -> str:
    return page.locator(".section[aria-current]").inner_text()


def test_sections_are_jumped_to_by_key_and_click_and_follow_the_eye(chart: Page) -> None:
    sections = chart.locator(".section")
    expect(sections).to_have_text(
        ["HISTORY", "MEDICATIONS", "FAMILY HISTORY", "EXAMINATION", "PLAN"]
    )
    sections.nth(3).click()
    assert _current(chart) == "EXAMINATION"
    chart.keyboard.press("g")
    assert _current(chart) == "PLAN"
    chart.keyboard.press("Shift+G")
    chart.keyboard.press("Shift+G")
    assert _current(chart) == "FAMILY HISTORY"
    frame = chart.locator(".note-scroll")
    frame.evaluate("frame => { frame.scrollTop = 0; }")
    expect(chart.locator(".section[aria-current]")).to_have_text("HISTORY")
    chart.set_viewport_size({"width": 720, "height": 450})  # 200 % of a laptop's window
    expect(sections.first).to_be_in_viewport()
    heights = chart.locator(".outline").bounding_box()
    assert heights is not None
    assert heights["height"] < 50, "one line, whatever the width"


def test_evidence_comes_to_every_row_without_moving_one(chart: Page) -> None:
    before = [each.bounding_box() for each in chart.locator(".row").all()]
    expect(chart.locator(".snippet b")).to_have_count(5)
    assert [each.bounding_box() for each in chart.locator(".row").all()] == before


def test_notes_on_a_code_stay_open_for_the_next_one(chart: Page) -> None:
    row(chart, "E11.9").click()
    chart.keyboard.press("i")
    about = chart.locator(".about")
    expect(about.locator(".code-notes")).to_contain_text("Excludes1")
    expect(about.locator(".choice .code").first).to_have_text("E11.0")
    expect(about.locator(".choice .flag").first).to_have_text("category, not billable")
    row(chart, "I10").click()
    expect(about.locator(".code-notes")).to_contain_text("Use additional code")
    chart.keyboard.press("y")
    chart.keyboard.press("Escape")
    chart.keyboard.press("i")
    expect(about).to_be_hidden()


def test_codes_around_a_found_one_are_reached_from_the_search(chart: Page) -> None:
    chart.keyboard.press("/")
    chart.keyboard.type("K35.80")
    expect(chart.locator(".hit .code").first).to_have_text("K35.80")
    chart.keyboard.press("ArrowDown")
    chart.keyboard.press("ArrowRight")
    expect(chart.locator(".hit", has_text="K35.89").first).to_be_visible()
    expect(chart.locator(".hit.is-highlighted .code")).to_have_text("K35.80")
    chart.keyboard.press("ArrowLeft")
    expect(chart.locator(".hit .code").first).to_have_text("K35.80")
    expect(chart.locator(".hit", has_text="K35.89").locator("visible=true")).to_have_count(0)
    chart.keyboard.press("Escape")


def test_a_first_list_is_made_without_suggestions_and_then_they_are_shown(
    page: Page, server: Server
) -> None:
    engine = db.connect(server.database)
    with db.unit_of_work(engine) as session:
        at, kind = datetime.now(UTC), TrialKind.BLIND_FIRST
        trials.record(session, 5, kind, coder="coder", by="lea", at=at)
    engine.dispose()
    page.goto(f"{server.url}/review?note=5")
    expect(page.locator(".withheld")).to_contain_text("First without suggestions")
    expect(page.locator(".row")).to_have_count(0)
    add(page, "K35.80", "K35.80")
    wait_saved(page, "K35.80", "Added")
    page.keyboard.press("f")
    expect(page.locator(".dialog")).to_contain_text("Your first list: K35.80.")
    page.keyboard.press("Escape")
    expect(page.locator(".row")).to_have_count(1)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(6)
    expect(page.locator(".withheld")).to_be_hidden()
    assert row(page, "K35.80").locator(".state-text").inner_text() == "Added"


def test_a_second_coding_is_said_to_be_one(page: Page, server: Server) -> None:
    open_note(page, server.url, 6)
    expect(page.locator(".pass")).to_be_hidden()
    page.goto(f"{server.url}/review?note=7&pass=second")
    expect(page.locator(".pass")).to_have_text("Second coding (blind)")
