"""The main job in a real browser, and nothing of it is lost to kill -9 or a refresh."""

import csv
import io

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import Line, add, download, open_note, row, upload, wait_saved

NOTE = "Patient with acute chest pain and fever. History of hypertension, no diabetes. Cough."


def test_three_decisions_survive_a_killed_server_and_are_exported(
    page: Page, server: Server
) -> None:
    upload(page, server.url, ("letter.txt", NOTE.encode()))
    number = 10  # nine samples stand before it
    open_note(page, server.url, number)
    row(page, "I10").locator("button.accept").click()
    wait_saved(page, "I10", "Accepted")
    row(page, "E11.9").locator("button.reject").click()
    page.get_by_role("button", name="negated or ruled out").click()
    wait_saved(page, "E11.9", "Rejected: negated or ruled out")
    add(page, "K35.80", "K35.80")
    wait_saved(page, "K35.80", "Added")

    server.kill()
    server.start()

    open_note(page, server.url, number)
    for code, text in {
        "I10": "Accepted",
        "E11.9": "Rejected: negated or ruled out",
        "K35.80": "Added",
    }.items():
        wait_saved(page, code, text)
    exported = {
        line["code"]: (line["note_id"], line["decision"], line["reason"])
        for line in csv.DictReader(io.StringIO(download(page, server.url)))
    }
    assert exported == {
        "I10": ("letter", "accept", ""),
        "E11.9": ("letter", "reject", "negated or ruled out"),
        "K35.80": ("letter", "add", ""),
    }


def test_a_refresh_keeps_the_note_the_coder_and_the_decisions(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/review?note=2&coder=ana")
    row(page, "I10").locator("button.accept").click()
    wait_saved(page, "I10", "Accepted")
    page.reload()
    wait_saved(page, "I10", "Accepted")
    expect(page.locator(".board h2")).to_have_text("sample-02-chest-ct-report")
    expect(row(page, "I10").locator(".saved")).to_have_text("saved · ana")
    page.get_by_role("button", name="← Inbox").click()
    page.get_by_role("button", name="Next chart").click()
    expect(page.locator(".board .sub")).to_contain_text("coder: ana")


def test_a_code_decided_on_elsewhere_meanwhile_is_a_shown_conflict(
    page: Page, server: Server
) -> None:
    line = Line(page)
    open_note(page, server.url, 3)
    line.hold()  # or the page hears of it in time, with evidence it asked for
    other = page.context.new_page()
    open_note(other, f"{server.url}", 3)
    row(other, "I10").locator("button.accept").click()
    wait_saved(other, "I10", "Accepted")
    row(page, "I10").locator("button.reject").click()
    page.keyboard.press("1")
    expect(row(page, "I10").locator(".saved")).to_have_text("saving…")
    line.let_go()
    expect(row(page, "I10").locator(".failure")).to_contain_text("I10 was accepted by coder")
    wait_saved(page, "I10", "Accepted")


def test_selected_text_becomes_evidence_of_the_next_code(page: Page, server: Server) -> None:
    upload(page, server.url, ("marked.txt", "🫁 acute cough, <b>no</b> fever".encode()))
    page.get_by_role("button", name="Next chart").wait_for()
    open_note(page, server.url, 11)
    page.locator(".board .note").evaluate(
        """(note) => {
          const walker = document.createTreeWalker(note, NodeFilter.SHOW_TEXT);
          const at = (offset) => {
            walker.currentNode = note;
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              if (offset <= node.length) return [node, offset];
              offset -= node.length;
            }
          };
          const text = note.textContent;
          const [start, end] = [text.indexOf('cough'), text.indexOf('cough') + 5];
          getSelection().setBaseAndExtent(...at(start), ...at(end));
        }"""
    )
    expect(page.locator(".mark-note")).to_contain_text("Marked “cough”")
    page.keyboard.press("a")
    expect(page.locator(".progress-text")).to_contain_text("1 of 5 suggestions decided")
    expect(page.locator(".progress-saving")).to_have_text("all saved")
    exported = list(csv.DictReader(io.StringIO(download(page, server.url))))
    assert [line["marked"] for line in exported if line["note_id"] == "marked"] == ["[[8, 13]]"]


def test_a_decision_made_while_the_server_is_down_is_kept_once_it_is_back(
    page: Page, server: Server
) -> None:
    open_note(page, server.url, 5)
    server.kill()
    row(page, "R50.9").locator("button.accept").click()
    expect(row(page, "R50.9").locator(".saved")).to_have_text("saving…")
    server.start()
    wait_saved(page, "R50.9", "Accepted")
    page.reload()
    wait_saved(page, "R50.9", "Accepted")
