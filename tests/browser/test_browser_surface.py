"""The app's own server as `streamlit run` starts it: headers on the wire, and where it refuses."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, ROOT, Server
from ui.serving.headers import HEADERS

COLD = 3 * PATIENCE  # milliseconds; the first page of a server on a busy machine


def _ask(url: str, **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:  # noqa: S310
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as answer:
        return answer.code, dict(answer.headers)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/x.csv"])
def test_streamlits_own_answers_carry_the_headers(server: Server, path: str) -> None:
    _, found = _ask(f"{server.url}{path}")
    headers = {name.lower(): value for name, value in found.items()}
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
    assert headers["cache-control"] == "no-store"


def test_another_name_for_this_computer_gets_no_answer(server: Server) -> None:
    assert _ask(server.url, Host="rebound.example")[0] == 403
    assert _ask(f"{server.url}/_stcore/agent/openapi.json")[0] == 403


def test_no_frame_may_hold_the_app_and_no_script_of_a_page_runs(page: Page, server: Server) -> None:
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.goto(server.url)
    expect(page.get_by_role("button", name="Next chart")).to_be_visible(timeout=COLD)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); }"
    )
    page.evaluate("() => { const i = new Image(); i.src = 'http://127.0.0.1:9/pixel.png'; }")
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert any("pixel.png" in said and "Content Security Policy" in said for said in broken)
    expect(page.get_by_text("Single-user mode")).to_have_count(1)


def test_single_user_mode_does_not_start_where_others_reach_it(tmp_path: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104
    options = ["--server.address", everywhere, "--server.headless", "true", "--server.port", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options],
        cwd=ROOT,
        env={
            "EVICODE_SINGLE_USER": "1",
            "EVICODE_DATABASE": str(tmp_path / "evicode.sqlite"),
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE / 1000 * 2,
        check=False,
    )
    assert done.returncode != 0
    assert "knows no passwords, so it only runs on localhost, not on 0.0.0.0" in done.stderr
    assert not (tmp_path / "evicode.sqlite").exists()
