"""A note is text: what it says runs nothing, loads nothing and tells nobody."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Server
from tests.browser.desk import download, open_note, row, upload, wait_saved

PAYLOADS = (
    "<script>window.ran = 'script'</script>",
    "<img src=https://outside.example/pixel.png onerror=\"window.ran = 'img'\">",
    "![picture](https://outside.example/markdown.png)",
    "<iframe srcdoc=\"<script>parent.ran = 'iframe'</script>\"></iframe>",
    "<svg onload=\"window.ran = 'svg'\"></svg>",
    "<style>@import url(https://outside.example/style.css)</style>",
    "<a href=\"javascript:window.ran = 'link'\">here</a> [go](javascript:window.ran='md')",
    "<base href=https://outside.example/>",
    ":red[x] :material/home: $\\href{https://outside.example}{x}$",
)
NAME = "<img src=x onerror=ran=1> ![p](https:__outside.example_p.png) :red[x].txt"


def test_hostile_notes_and_file_names_run_and_fetch_nothing(page: Page, server: Server) -> None:
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    page.on("dialog", lambda dialog: pytest_fail(dialog.message))
    text = "chest pain and fever\n" + "\n".join(PAYLOADS)
    upload(page, server.url, (NAME, text.encode()), ("=cmd.txt", b"\x00\x01"), ("e.txt", b""))
    open_note(page, server.url, 10)
    expect(page.locator(".board .note")).to_contain_text("<iframe srcdoc")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    row(page, "I10").locator("button.accept").click()
    wait_saved(page, "I10", "Accepted")
    download(page, server.url)
    page.goto(server.url)
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") is None
    outside = {urlsplit(each.url).netloc for each in asked if each.url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}


def test_the_server_logs_no_word_of_a_note(page: Page, server: Server) -> None:
    upload(page, server.url, ("canary.txt", b"fever in canarium-9137, cough"))
    open_note(page, server.url, 11)
    assert "canarium-9137" not in server.log.read_text("utf-8", errors="replace")
    assert "canarium-9137" not in page.url


def pytest_fail(message: str) -> None:
    raise AssertionError(f"a dialog opened: {message}")
