"""The evidence sheet in a real browser: it looks as it should, runs nothing, asks for nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.types import Evidence
from tests.browser.test_browser_hostile import PAYLOADS
from tests.ui.test_ui_sheet import a_finding, a_sheet, an_audit

TEXT = "Fever and cough.\nחום גבוה \u202eabc\u202c\n" + "\n".join(PAYLOADS)


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> tuple[Page, list[str], list[str]]:
    """The sheet of a hostile note, what it asked for, and what the browser complained of."""
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    findings = [
        a_finding(words=(w,), spans=(w,)) for w in (Evidence(0, 5, 1.0), Evidence(10, 15, 1.0))
    ]
    audit = an_audit(TEXT, findings=tuple(findings), title=PAYLOADS[0], group=PAYLOADS[1])
    path = tmp_path / "sheet.html"
    path.write_bytes(a_sheet(audit, by=PAYLOADS[2]).encode())
    page.goto(path.as_uri())
    return page, asked, complaints


def test_a_sheet_runs_nothing_and_asks_for_nothing_but_itself(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, asked, complaints = opened
    assert [url.rsplit("/", 1)[-1] for url in asked] == ["sheet.html"]
    assert complaints == [], "its own style is what its policy allows"
    assert page.evaluate("window.ran") is None
    assert page.locator("script, img, iframe, svg, a, base, link, object").count() == 0


def test_a_sheet_shows_the_note_as_it_is_and_evidence_in_more_than_colour(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, _, _ = opened
    assert page.locator(".text").last.evaluate("each => each.textContent") == TEXT
    word = page.locator(".text .l4").first
    style = "e => [getComputedStyle(e).borderBottomWidth, getComputedStyle(e).fontWeight]"
    assert word.evaluate(style) == ["4px", "600"]
    number = "each => getComputedStyle(each, '::before').content"
    assert page.locator(".text .starts").first.evaluate(number) == '"1"'


def test_a_sheet_is_light_and_prints_to_pages(
    opened: tuple[Page, list[str], list[str]],
) -> None:
    page, _, _ = opened
    page.emulate_media(color_scheme="dark")
    colour = "() => getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
