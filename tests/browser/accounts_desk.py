"""A server with accounts, and several people at browsers of their own."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import COLD, PATIENCE, ROOT, Server

PASSWORD = "three grey boats at noon"  # noqa: S105


def give(server: Server, name: str, role: str) -> None:
    """An account, as an administrator gives it out."""
    subprocess.run(
        [sys.executable, "-m", "db", "user", "add", name, "--role", role],
        input=f"{PASSWORD}\n",
        text=True,
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={"EVICODE_DATABASE": str(server.database), "PYTHONPATH": str(ROOT)},
    )


def log_in(page: Page, server: Server, name: str) -> Page:
    page.goto(f"{server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Account")).to_be_visible(timeout=COLD)
    return page


def ask_for_second_coding(lead: Page, note: int) -> None:
    """In the inbox, which is where a lead starts."""
    line = lead.locator(f'.worklist tr[data-key^="{note} "]')
    line.get_by_role("checkbox").check(timeout=COLD)
    lead.get_by_role("button", name="Second coding").click()
    lead.get_by_role("button", name="Second coding: 1").click()
    expect(lead.locator(f'.worklist tr[data-key="{note} second"]')).to_be_visible()


def finish_chart(page: Page) -> None:
    """Finish the chart that is open on the review page, by keyboard."""
    page.keyboard.press("f")
    page.get_by_role("button", name=re.compile("Finish the chart")).click()
    expect(page.get_by_role("button", name=re.compile("Reopen"))).to_be_visible()


@contextmanager
def people(browser: Browser, server: Server) -> Iterator[Callable[[str, str], Page]]:
    """Give somebody an account and a browser of their own, logged in."""
    expect.set_options(timeout=PATIENCE)
    with ExitStack() as stack:

        def arrive(name: str, role: str) -> Page:
            give(server, name, role)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            return log_in(context.new_page(), server, name)

        yield arrive
