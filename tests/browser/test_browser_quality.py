"""The audit of a finished chart from the draw to the last answer, by three people."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.accounts_desk import finish_chart, people
from tests.browser.conftest import COLD, Server
from tests.browser.desk import row, wait_saved

WHY = "It is the reason for the visit <b>here</b>."


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("quality")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        single_user=False,
    )
    server.start()
    yield server
    server.kill()


def test_a_finished_chart_is_drawn_judged_rebutted_and_settled(
    browser: Browser, server: Server
) -> None:
    with people(browser, server) as arrive:
        ana = arrive("Ana", "coder")
        ana.goto(f"{server.url}/review?note=1")
        expect(ana.locator(".board .row").first).to_be_visible(timeout=COLD)
        for place in (0, 1):
            name = ana.locator(".board .row").nth(place).get_attribute("data-row") or ""
            code = name.split()[-1]
            row(ana, code).locator("button.accept").click()
            wait_saved(ana, code, "Accepted")
        finish_chart(ana)

        eva = arrive("Eva", "auditor")
        eva.get_by_role("link", name="Quality").click()
        expect(eva.get_by_text("Draw a sample first")).to_be_visible(timeout=COLD)
        eva.get_by_role("radio", name="Draw a sample").click()
        eva.get_by_role("button", name="Draw the sample").click()
        expect(eva.get_by_text("Drawn: 1 of 1 charts, random, seed 1.")).to_be_visible()
        eva.goto(f"{server.url}/quality?audit=1")
        accuracy = eva.get_by_test_id("stMetricValue")
        expect(accuracy).to_have_text("100.0 %", timeout=COLD)
        eva.keyboard.press("j")  # the second code
        expect(eva.get_by_role("button", name="Next")).to_be_disabled()
        eva.get_by_label("Why").fill("only a symptom")
        eva.get_by_label("Why").press("Tab")
        eva.get_by_role("button", name=re.compile("Record this finding")).click()
        expect(accuracy).to_have_text("50.0 %")
        eva.get_by_role("button", name=re.compile("Finish: hand")).click()
        expect(eva.get_by_text(re.compile("with the coder"))).to_be_visible()

        ana.goto(server.url)
        ana.get_by_role("link", name="You have 1 finding to answer.").click()
        expect(ana.get_by_text(re.compile("should not be coded"))).to_be_visible(timeout=COLD)
        ana.get_by_label("Your reason, in words").fill(WHY)
        ana.get_by_label("Your reason, in words").press("Tab")
        ana.get_by_role("button", name=re.compile("Rebut")).click()
        expect(ana.get_by_text("You have no findings to answer.")).to_be_visible()
        expect(ana.get_by_text(re.compile(re.escape(WHY)))).to_be_visible()

        eva.reload()
        expect(eva.get_by_text(re.compile(re.escape(WHY)))).to_be_visible(timeout=COLD)
        eva.get_by_role("button", name="Withdraw").click()
        expect(accuracy).to_have_text("100.0 %")
        expect(eva.get_by_text(re.compile("● settled"))).to_be_visible()
