"""On the chart by keyboard: order, principal, POA, comments, undo; mending before finishing."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import add, open_note, upload

SAVED = "all saved"


def saved(page: Page) -> None:
    expect(page.locator(".progress-saving")).to_have_text(SAVED)


def on_chart(page: Page, code: str) -> Locator:
    return page.locator(f'.chart-row[data-row$=" {code}"]')


def codes(page: Page, *expected: str) -> None:
    expect(page.locator(".chart-row .code")).to_have_text(list(expected))


def poa(page: Page, code: str, indicator: str | None) -> None:
    """The one indicator that is pressed, or None."""
    pressed = on_chart(page, code).locator('.poa-value[aria-pressed="true"]')
    expect(pressed).to_have_text([] if indicator is None else [indicator])


def undo(page: Page, said: str) -> None:
    page.keyboard.press("u")
    expect(page.locator(".undone")).to_have_text(f"Undone: {said}")
    saved(page)


def with_codes(page: Page, url: str, note: int, *wanted: str) -> None:
    open_note(page, url, note)
    for code in wanted:
        add(page, code, code)
        expect(page.locator(".board .row.is-selected .code")).to_have_text(code)
    saved(page)
    page.keyboard.press("o")
    codes(page, *wanted)


def test_a_chart_is_ordered_and_said_more_of_by_keyboard_and_a_reload_keeps_all(
    page: Page, server: Server
) -> None:
    with_codes(page, server.url, 1, "I50.20", "N17.9", "K35.80")
    expect(on_chart(page, "K35.80")).to_have_class("chart-row is-selected")
    page.keyboard.press("Alt+ArrowUp")
    codes(page, "I50.20", "K35.80", "N17.9")
    expect(on_chart(page, "I50.20").locator(".principal")).to_have_text("★ Principal diagnosis")
    page.keyboard.press("p")
    codes(page, "K35.80", "I50.20", "N17.9")
    expect(on_chart(page, "K35.80").locator(".principal")).to_be_visible()
    for key in ("d", "y", "n", "w"):  # one key each: it goes on to the next without one
        page.keyboard.press(key)
    for code, indicator in {"K35.80": "Y", "I50.20": "N", "N17.9": "W"}.items():
        poa(page, code, indicator)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("t")
    page.keyboard.type("cause: renal? no fuxn, ask (3)")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+T")
    page.keyboard.type("short stay")
    expect(page.locator(".on-chart .comment-status")).to_have_text("saved")
    page.keyboard.press("Escape")
    saved(page)
    page.reload()
    expect(page.locator(".board .row").first).to_be_visible()
    page.keyboard.press("o")
    codes(page, "K35.80", "I50.20", "N17.9")
    poa(page, "I50.20", "N")
    comment = on_chart(page, "I50.20").locator("textarea")
    expect(comment).to_have_value("cause: renal? no fuxn, ask (3)")
    expect(page.locator(".on-chart textarea")).to_have_value("short stay")
    undo(page, "the comment")
    expect(page.locator(".on-chart textarea")).to_have_value("")
    undo(page, "the comment of I50.20")
    expect(comment).to_have_value("")
    undo(page, "the POA indicator of N17.9")
    poa(page, "N17.9", None)
    undo(page, "the POA indicator of I50.20")
    undo(page, "the POA indicator of K35.80")
    undo(page, "the order of the codes")
    codes(page, "I50.20", "K35.80", "N17.9")
    undo(page, "the order of the codes")
    undo(page, "the decision on K35.80")
    codes(page, "I50.20", "N17.9")
    page.keyboard.press("Shift+U")
    expect(page.locator(".undone")).to_have_text("Done again: the decision on K35.80")
    codes(page, "I50.20", "N17.9", "K35.80")


def test_an_error_keeps_the_chart_from_being_finished_until_it_is_mended(
    page: Page, server: Server
) -> None:
    with_codes(page, server.url, 2, "E10.10", "E13.10")
    expect(page.locator(".findings .finding.is-error")).to_contain_text("exclude each other")
    expect(on_chart(page, "E10.10").locator(".row-findings")).to_contain_text("Error: Excludes1")
    page.keyboard.press("f")
    dialog = page.locator(".dialog")
    expect(dialog).to_contain_text("Errors must be mended")
    expect(dialog.get_by_role("button", name="Finish the chart")).to_be_disabled()
    page.keyboard.press("Enter")  # the error has the focus: it leads to its code
    expect(dialog).to_be_hidden()
    expect(on_chart(page, "E10.10")).to_have_class("chart-row is-selected")
    page.keyboard.press("Delete")
    codes(page, "E13.10")
    saved(page)
    expect(page.locator(".findings .finding.is-error")).to_have_count(0)
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    expect(page.locator(".banner")).to_contain_text("This chart is finished")


def test_two_unrelated_conditions_may_both_stand(page: Page, server: Server) -> None:
    with_codes(page, server.url, 3, "E10.10", "E13.10")
    page.keyboard.press("q")
    expect(page.locator(".findings .finding.is-error")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".apart")).to_contain_text("marked as two unrelated conditions")
    expect(page.locator(".findings .finding.is-error")).to_have_count(0)
    saved(page)
    undo(page, "which codes are unrelated")
    expect(page.locator(".findings .finding.is-error")).to_have_count(1)
    page.keyboard.press("f")
    page.keyboard.press("/")
    expect(page.locator(".search input")).to_be_focused()


def test_a_comment_typed_while_the_server_is_down_is_kept_once_it_is_back(
    page: Page, server: Server
) -> None:
    with_codes(page, server.url, 4, "K35.80", "I50.20")
    server.kill()
    page.keyboard.press("t")
    page.keyboard.type("ask the ward")
    page.keyboard.press("Escape")
    expect(on_chart(page, "I50.20").locator(".comment-status")).to_have_text("saving…")
    page.keyboard.press("Alt+ArrowUp")
    codes(page, "I50.20", "K35.80")
    server.start()
    saved(page)
    page.reload()
    expect(page.locator(".board .row").first).to_be_visible()
    page.keyboard.press("o")
    codes(page, "I50.20", "K35.80")
    expect(on_chart(page, "I50.20").locator("textarea")).to_have_value("ask the ward")


def test_a_code_is_dragged_and_an_order_changed_elsewhere_is_a_shown_conflict(
    page: Page, server: Server
) -> None:
    with_codes(page, server.url, 5, "I50.20", "N17.9")
    other = page.context.new_page()
    open_note(other, server.url, 5)
    on_chart(page, "N17.9").locator(".handle").drag_to(on_chart(page, "I50.20"))
    codes(page, "N17.9", "I50.20")
    saved(page)
    other.keyboard.press("o")
    other.keyboard.press("ArrowDown")
    other.keyboard.press("Alt+ArrowDown")
    expect(other.locator(".banner")).to_contain_text("the order was changed by coder")
    codes(other, "N17.9", "I50.20")


def test_groups_are_shown_with_what_is_missing_and_with_what_a_code_changes(
    page: Page, server: Server
) -> None:
    with_codes(page, server.url, 6, "I50.20", "N17.9")
    page.keyboard.press("p")
    figures = page.locator(".figures")
    expect(figures).to_contain_text("It cannot be computed: age and sex")
    page.locator("input.age").fill("70")
    page.locator("select.sex").select_option("female")
    expect(figures).to_contain_text("MS-DRG 683")
    page.keyboard.press("Escape")
    on_chart(page, "I50.20").click()
    expect(figures.locator(".change-of")).to_contain_text("I50.20: MS-DRG 683 with it")
    expect(page.locator(".groups")).to_contain_text("not official")
    page.reload()
    expect(page.locator(".board .row").first).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("input.age")).to_have_value("")


HOSTILE = '<img src=x onerror="window.ran=1"> [a](https://outside.example) ![b](//outside.example)'


@pytest.mark.parametrize("chart", [False, True])
def test_a_comment_is_text_and_nothing_else(page: Page, server: Server, chart: bool) -> None:
    name = f"hostile-{chart}.txt"
    upload(page, server.url, (name, f"fever {chart}".encode()))
    with_codes(page, server.url, 11 if chart else 10, "K35.80")
    page.keyboard.press("Shift+T" if chart else "t")
    page.keyboard.insert_text(HOSTILE)
    page.keyboard.press("Escape")
    saved(page)
    seen = page.context.new_page()
    seen.goto(f"{server.url}/review?note={11 if chart else 10}&coder=bob")
    expect(seen.locator(".board .row").first).to_be_visible()
    seen.keyboard.press("o")
    expect(seen.locator(".said-by .what")).to_have_text(HOSTILE)
    expect(seen.locator(".said-by .who")).to_contain_text("coder · 20")
    assert seen.evaluate("window.ran") is None
