"""The app's own server as `streamlit run` starts it: headers on the wire, and where it refuses."""

import http.client
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import watching_sockets
from tests.browser.conftest import COLD, PATIENCE, ROOT, Server
from ui.app import offered
from ui.services.rights import Actor
from ui.serving.headers import HEADERS

PAGES = [offer.page for offer in offered(Actor(name="coder", role=None))]
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose sockets are watched."""
    folder = tmp_path_factory.mktemp("surface")
    shutil.copy(watching_sockets.__file__, folder / "sitecustomize.py")
    server = Server(
        checkpoint=checkpoint,
        database=folder / "evicode.sqlite",
        log=folder / "server.log",
        environment=_watching(folder),
    )
    server.start()
    yield server
    server.kill()


def _watching(folder: Path) -> dict[str, str]:
    paths = f"{folder}:{ROOT}"
    return {"PYTHONPATH": paths, "WATCH_SOCKETS": str(folder / "sockets")}


def _ask(url: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:  # noqa: S310
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as answer:
        return answer.code, dict(answer.headers)


def _ask_for_a_socket(server: Server, origin: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE / 1000)
    connection.request("GET", "/_stcore/stream", headers=SOCKET | {"Origin": origin})
    return connection.getresponse()


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/review", "/nowhere", "/healthz", "/metrics", "/media/x.csv", "/static/nowhere.js"),
        *("/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/nowhere"),
        *("/component/nowhere/index.html", "/_stcore/upload_file/a/b", "/app/static/nowhere"),
        "/media/%2e%2e/%2e%2e/evicode.sqlite",
    ],
)
def test_streamlits_own_answers_carry_the_headers(server: Server, path: str) -> None:
    _, found = _ask(f"{server.url}{path}")
    headers = {name.lower(): value for name, value in found.items()}
    assert {name: headers[name.lower()] for name in HEADERS} == HEADERS
    assert path.startswith("/static/") or headers["cache-control"] == "no-store"


def test_another_name_for_this_computer_gets_no_answer(server: Server) -> None:
    assert _ask(server.url, Host="rebound.example")[0] == 403
    assert _ask(f"{server.url}/_stcore/agent/openapi.json")[0] == 403
    assert _ask(f"{server.url}/metrics", Host="rebound.example")[0] == 403


def test_uploads_and_sockets_of_another_site_are_refused(server: Server) -> None:
    theirs = _ask_for_a_socket(server, "https://evil.example")
    ours = _ask_for_a_socket(server, server.url)
    assert (theirs.status, ours.status) == (403, 101)
    for answer in (theirs, ours):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    status, _ = _ask(f"{server.url}/_stcore/upload_file/a/b", method="PUT")
    assert status == 403  # no token against requests forged by other sites


def test_no_frame_may_hold_the_app_and_no_script_of_a_page_runs(page: Page, server: Server) -> None:
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.goto(server.url)
    expect(page.get_by_role("button", name="Next chart")).to_be_visible(timeout=COLD)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s); }"
    )
    with page.expect_console_message(lambda said: "pixel.png" in said.text):
        page.evaluate("() => { const i = new Image(); i.src = 'http://127.0.0.1:9/pixel.png'; }")
    assert page.evaluate("window.ran") is None
    assert any("pixel.png" in said and "Content Security Policy" in said for said in broken)
    expect(page.get_by_text("Single-user mode")).to_have_count(1)


def test_the_server_opens_no_connection_to_the_outside(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        expect(page.get_by_test_id("stAppViewContainer")).to_be_visible(timeout=COLD)
        expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=COLD)
    outside = {urlsplit(url).netloc for url in asked if url.startswith(("http", "ws"))}
    assert outside == {f"localhost:{server.port}"}
    assert _strangers(server.log.parent / "sockets") == set()


def test_the_watch_sees_a_program_that_does(tmp_path: Path) -> None:
    shutil.copy(watching_sockets.__file__, tmp_path / "sitecustomize.py")
    leak = "import socket; s = socket.socket(); s.settimeout(0.1); s.connect(('203.0.113.1', 9))"
    subprocess.run([sys.executable, "-c", leak], env=_watching(tmp_path), capture_output=True)
    assert _strangers(tmp_path / "sockets") == {"socket.connect ('203.0.113.1', 9)"}


def _strangers(file: Path) -> set[str]:
    """Lines of the watch that are about another computer."""
    watching, *lines = file.read_text("utf-8").splitlines()
    assert watching == "watching"
    here = ("127.0.0.1", "localhost", "::1", "None", " /", " b'/", "b'\\x00")
    return {line for line in lines if not any(name in line for name in here)}


def test_single_user_mode_does_not_start_where_others_reach_it(tmp_path: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104
    done = _start(tmp_path, "--server.address", everywhere, EVICODE_SINGLE_USER="1")
    assert done.returncode != 0
    assert "knows no passwords, so it only runs on localhost, not on 0.0.0.0" in done.stderr
    assert not (tmp_path / "evicode.sqlite").exists()


def test_a_slip_in_the_settings_ends_the_start_and_is_named(tmp_path: Path) -> None:
    done = _start(tmp_path, EVICODE_SINGEL_USER="1")
    assert done.returncode != 0
    assert "EVICODE_SINGEL_USER is in the environment, but is no setting" in done.stderr
    assert "Traceback" not in done.stderr


def _start(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.headless", "true", "--server.port", "0", *options),
        ],
        cwd=ROOT,
        env={
            "EVICODE_DATABASE": str(folder / "evicode.sqlite"),
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE / 1000 * 2,
        check=False,
    )
