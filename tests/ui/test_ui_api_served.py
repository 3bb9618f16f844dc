"""The endpoint as its own process: its manual's commands, kill -9, its log, and how it starts."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

import db
from db import decisions
from tests.models import tiny_checkpoint
from tests.ui.accounts import Hands, an_account
from ui.api.manual import MANUAL
from ui.services.accounts import Accounts, Role

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.findall(r"```sh\n(.*?)```", MANUAL.read_text("utf-8"), flags=re.S)
START = 90  # seconds a busy machine may take
CANARY = "zebrafish"


@dataclass(kw_only=True)
class Served:
    """A server on a database of its own."""

    folder: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "evicode.sqlite"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def start(self, *options: str) -> None:
        environment = os.environ | {
            "EVICODE_DATABASE": str(self.database),
            "EVICODE_CHECKPOINT": str(self.folder / "tiny"),
            "EVICODE_LOG_FILE": str(self.folder / "log"),
            "EVICODE_LOG_LEVEL": "debug",
            "EVICODE_SINGLE_USER": "0",
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, "-m", "ui.api", "--port", str(self.port), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment | self.environment, stderr=subprocess.PIPE
        )
        until = time.monotonic() + START
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urlopen(f"{self.url}/v1/health", timeout=5).close()  # noqa: S310  (our own)
                return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)  # nothing says when a port begins to answer

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=START)

    def run(self, commands: str) -> str:
        """What these commands print; they stop at the first that fails."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env=os.environ | {"EVICODE": self.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    tiny_checkpoint(tmp_path / "tiny", sharpness=8.0, max_length=8)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Served(folder=tmp_path, port=free.getsockname()[1])
    engine = db.connect(made.database)
    db.migrate(engine)
    an_account(Accounts(engine=engine, now=Hands()), "Lena", Role.LEAD)
    engine.dispose()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


def test_the_manuals_commands_code_a_chart_and_the_log_has_no_word_of_it(served: Served) -> None:
    served.start()
    said = served.run("\n".join(COMMANDS).replace("No diabetes", CANARY))
    assert '"status": "done"' in said
    assert '"Condition"' in said
    lines = [line for line in served.log.splitlines() if '"event": "request"' in line]
    assert any('"path": "/v1/notes/{number}/decisions"' in line for line in lines)
    assert len(lines) >= said.count('"note"')
    for word in (CANARY, "Fever", "chest", "Lena", "letter-17"):
        assert word not in served.log
    assert served.end(signal.SIGTERM) in (0, -signal.SIGTERM)


def test_what_was_acknowledged_survives_a_killed_server(served: Served) -> None:
    served.start()
    until_decided = (
        "\n".join(COMMANDS[:2])
        + "\n"
        + COMMANDS[3]
        .splitlines()[0]
        .replace("$(jq .screen list.json)", "null")
        .replace("$(jq .sequence list.json)", "0")
        + "\n"
    )
    decide = "\n".join(COMMANDS[3].splitlines()[1:5])
    served.run(until_decided + decide)
    served.end(signal.SIGKILL)
    engine = db.connect(served.database)
    with db.unit_of_work(engine, write=False) as session:
        (made,) = decisions.of_note(session, 2)
    assert (made.code.code, made.coder) == ("R50.9", "Lena")
    assert [(span.start, span.end) for span in made.evidence] == [(0, 5)]
    engine.dispose()


def test_single_user_mode_does_not_start_where_others_reach_it(served: Served) -> None:
    served.environment = {"EVICODE_SINGLE_USER": "1"}
    served.start("--host", "0.0.0.0")  # noqa: S104
    assert served.process is not None
    _, errors = served.process.communicate(timeout=START)
    assert served.process.returncode == 2
    assert b"only runs on localhost" in errors
    assert b"Traceback" not in errors
