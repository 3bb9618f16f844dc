"""A real server on its own database, and a real Chromium. Skipped, with the reason, without one."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from tests.models import tiny_checkpoint

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
PATIENCE = 60_000  # milliseconds; a loaded machine starts slowly,
COLD = 3 * PATIENCE  # and draws the first page of a server more slowly still


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(kw_only=True)
class Server:
    """The app as its own process, on one database."""

    checkpoint: Path
    database: Path
    log: Path
    app: Path = ROOT / "streamlit_app.py"
    single_user: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)  # besides what all servers have
    options: tuple[str, ...] = ()  # of `streamlit run`
    first_on_path: Path | None = None  # modules that Python finds before all others
    port: int = field(default_factory=lambda: _free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        environment = os.environ | {
            "EVICODE_CHECKPOINT": str(self.checkpoint),
            "EVICODE_DATABASE": str(self.database),
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(map(str, filter(None, (self.first_on_path, ROOT)))),
            "EVICODE_SINGLE_USER": "1" if self.single_user else "0",
            **self.environment,
        }
        command = [sys.executable, "-m", "streamlit", "run", str(self.app)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *command,
                    *("--server.port", str(self.port), "--server.headless", "true"),
                    *self.options,
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def kill(self) -> None:
        """As the power cut does it: kill -9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + COLD / 1000
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"the server did not start; see {self.log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    tiny_checkpoint(folder, sharpness=8.0)
    return folder


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    server = Server(
        checkpoint=checkpoint, database=folder / "evicode.sqlite", log=folder / "server.log"
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; install Debian's chromium package")
    try:
        browser = _playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    except Error as error:
        pytest.skip(f"Chromium does not start here: {str(error).splitlines()[0]}")
    expect.set_options(timeout=PATIENCE)  # for pages of the tests' own making, too
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    yield page
    context.close()
