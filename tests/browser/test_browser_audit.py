"""The auditor's page in a real browser: panels come in, can be stopped, and go out as a sheet."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PATIENCE, Server
from tests.browser.desk import open_note, row, upload, wait_saved
from tests.browser.test_browser_hostile import PAYLOADS

DONE = re.compile(r"(\d) of \1 methods computed\.")


def open_audit(page: Page, server: Server, note: int, code: str | None = None) -> None:
    wanted = "" if code is None else f"&code=ICD-10-CM {code}"
    page.goto(f"{server.url}/audit?note={note}{wanted}")
    expect(page.locator(".audit .name").first).to_be_visible(timeout=3 * PATIENCE)


def text(page: Page, place: int) -> str:
    pieces = page.locator(f'.audit .text[data-column="{place}"]')
    return str(pieces.evaluate_all("all => all.map((each) => each.textContent).join('')"))


def test_an_auditor_picks_a_code_sees_why_and_takes_the_sheet_along(
    page: Page, server: Server, tmp_path: Path
) -> None:
    open_audit(page, server, 1)  # reads the code tables, once for the server
    open_note(page, server.url, 1)
    row(page, "I10").locator("button.accept").click()
    wait_saved(page, "I10", "Accepted")
    page.goto(f"{server.url}/audit?coder=Bo")
    page.get_by_role("combobox", name="Chart").click()
    page.get_by_role("option", name="sample-01").click()
    expect(page.locator(".audit .code")).to_have_text("I10")
    expect(page.locator(".audit .standing")).to_contain_text("Accepted by coder")
    expect(page.get_by_text(DONE)).to_be_visible()
    names = page.locator(".audit .name bdi").all_inner_texts()
    assert names == [
        "coder saw: attention × gradient",
        "Attention × gradient",
        "Attention",
        "Integrated gradients",
    ]
    for place in range(4):
        assert text(page, place) == text(page, 0), "the same text in every panel"
    expect(page.locator(".audit .about").nth(1)).to_contain_text("Removing these words")
    expect(page.locator(".audit .agree tbody td").first).to_have_text(re.compile(r"\d %|\d%"))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Evidence sheet").click()
    name = waiting.value.suggested_filename
    assert re.fullmatch(r"evicode-evidence-note-1-ICD-10-CM-I10-\d{8}-\d{6}\.html", name)
    waiting.value.save_as(tmp_path / name)
    page.goto((tmp_path / name).as_uri())
    expect(page.locator("h1")).to_contain_text("I10")
    expect(page.locator(".facts")).to_contain_text("Exported by")
    expect(page.locator(".facts")).to_contain_text("Bo")
    assert page.locator(".warning").count() == 0, "complete, and of the model that was shown"
    assert page.locator(".panels article").count() == 3


def test_keys_turn_the_codes_and_the_address_follows(page: Page, server: Server) -> None:
    open_audit(page, server, 2)
    codes = [page.locator(".audit .code").inner_text()]
    for key in "jjk":
        page.keyboard.press(key)
        expect(page.locator(".audit .code")).not_to_have_text(codes[-1])
        codes.append(page.locator(".audit .code").inner_text())
        expect(page).to_have_url(re.compile(rf"code=ICD-10-CM\+{codes[-1]}"))
    assert codes[3] == codes[1]
    assert len(set(codes)) == 3
    page.reload()
    expect(page.locator(".audit .code")).to_have_text(codes[3])


def test_a_slow_method_keeps_its_place_and_can_be_stopped(page: Page, server: Server) -> None:
    words = "fever and chest pain, no cough, history of hypertension\n" * 450
    upload(page, server.url, ("long.txt", words.encode()))
    open_audit(page, server, 10)
    late = page.locator(".audit .name", has_text="Integrated gradients")
    expect(late.locator(".status")).to_have_text("computing…")
    place = late.bounding_box()
    page.keyboard.press("s")
    expect(page.get_by_text("Stopped: 2 of 3 methods computed.")).to_be_visible()
    expect(late.locator(".status")).to_have_text("stopped; not computed")
    assert late.bounding_box() == place
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(DONE)).to_be_visible()
    expect(late.locator(".status")).to_have_count(0)
    assert late.bounding_box() == place, "what comes in moves nothing"


def test_a_20_000_token_note_can_be_read_whole(page: Page, server: Server) -> None:
    words = "fever and chest pain in a patient with hypertension or cough\n" * 1820
    upload(page, server.url, ("huge.txt", words.encode()))
    open_audit(page, server, 11)
    page.get_by_text("Whole note", exact=True).click()
    expect(page.locator('.audit .text[data-column="0"]').nth(100)).to_be_attached()
    expect(page.get_by_text(DONE)).to_be_visible()
    assert text(page, 0) == words
    expect(page.locator(".audit .unread").first).to_be_attached()
    page.locator(".audit .about").first.locator("button").last.click()
    expect(page.locator(".audit .is-place").first).to_be_in_viewport()


def test_a_hostile_note_runs_and_fetches_nothing_here_either(page: Page, server: Server) -> None:
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    note = "chest pain and fever\n" + "\n".join(PAYLOADS)
    upload(page, server.url, ("hostile.txt", note.encode()))
    open_audit(page, server, 12)
    expect(page.get_by_text(DONE)).to_be_visible()
    assert text(page, 0) == note
    assert page.evaluate("window.ran") is None
    outside = {urlsplit(each.url).netloc for each in asked if each.url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}
    assert "chest pain" not in server.log.read_text("utf-8", errors="replace")
