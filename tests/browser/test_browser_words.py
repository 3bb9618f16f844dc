"""Language, tour, help and zoom, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import COLD, PATIENCE, Server
from tests.browser.desk import open_note

PAGES = ("", "review?note=1", "audit?note=1", "export")
A_PERSON = "Object.defineProperty(navigator, 'webdriver', { get: () => false })"
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A browser of its own, with the settings of a person."""
    opened: list[BrowserContext] = []
    expect.set_options(timeout=COLD)

    def page(**settings: object) -> Page:
        opened.append(browser.new_context(**settings))  # type: ignore[arg-type]
        opened[-1].set_default_timeout(PATIENCE)
        return opened[-1].new_page()

    yield page
    for context in opened:
        context.close()


def test_a_spanish_browser_is_answered_in_spanish_until_another_language_is_chosen(
    server: Server, visit: Visit
) -> None:
    page = visit(locale="es-ES", viewport={"width": 1440, "height": 900})
    page.goto(server.url)
    expect(page.get_by_role("button", name="Historia siguiente")).to_be_visible(timeout=COLD)
    page.get_by_placeholder("Filtrar por nombre").fill("informe")
    page.keyboard.press("Enter")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("combobox").click()
    page.get_by_role("option", name="English").click()
    expect(page.get_by_role("button", name="Next chart")).to_be_visible()
    expect(page.get_by_placeholder("Filter by name")).to_have_value("informe")
    expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible()
    another = page.context.new_page()  # the browser keeps the choice
    another.goto(f"{server.url}/export")
    expect(another.get_by_role("button", name="Help", exact=True)).to_be_visible()


def test_the_board_speaks_spanish_and_leaves_the_note_alone(server: Server, visit: Visit) -> None:
    english, spanish = visit(locale="en-GB"), visit(locale="es-ES")
    open_note(english, server.url, 1)
    open_note(spanish, server.url, 1)
    expect(spanish.get_by_role("button", name="← Bandeja")).to_be_visible()
    expect(spanish.get_by_placeholder("Añadir un código: número o palabras")).to_be_visible()
    assert spanish.locator(".note").text_content() == english.locator(".note").text_content()


def test_a_first_visit_gets_a_tour_that_moves_nothing_and_comes_once(
    server: Server, visit: Visit
) -> None:
    page = visit(viewport={"width": 1440, "height": 900})
    page.add_init_script(A_PERSON)
    page.goto(server.url)
    tour = page.get_by_role("dialog", name="Tour")
    expect(tour).to_be_visible(timeout=COLD)
    field = page.get_by_placeholder("Filter by name")
    expect(field).to_be_visible()
    before = field.bounding_box()
    tour.get_by_role("button", name="Go on").click()
    expect(tour.get_by_role("heading", name="Review")).to_be_visible()
    tour.get_by_role("button", name="Skip the tour").click()
    expect(tour).to_be_hidden()
    assert field.bounding_box() == before
    page.reload()
    expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible()
    expect(tour).to_be_hidden()
    page.get_by_role("button", name="Help", exact=True).click()
    page.get_by_role("button", name="Take the tour").click()
    expect(tour).to_be_visible()


def test_help_says_what_the_page_is_for_and_closes_with_escape(
    server: Server, visit: Visit
) -> None:
    page = visit(viewport={"width": 1440, "height": 900})
    open_note(page, server.url, 1)
    page.get_by_role("button", name="Help", exact=True).click()
    help_ = page.get_by_role("dialog", name="Help")
    expect(help_.get_by_text("undo your last decision")).to_be_visible()
    page.keyboard.press("a")  # accepts on the board; here it must not
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(page.locator(".progress-text")).to_contain_text("0 of")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_at_200_percent_zoom_nothing_is_out_of_reach(
    server: Server, visit: Visit, theme: str
) -> None:
    page = visit(viewport={"width": 720, "height": 450}, device_scale_factor=2, color_scheme=theme)
    for where in PAGES:
        page.goto(f"{server.url}/{where}")
        expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible(timeout=COLD)
        if where.startswith("review"):
            expect(page.locator(".board .row").first).to_be_visible()
            for name in ("Finish chart", "Next note", "Keys"):
                button = page.get_by_role("button", name=name).first
                button.scroll_into_view_if_needed()
                expect(button).to_be_in_viewport(ratio=1)
        wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= 720, where
