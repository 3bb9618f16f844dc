"""A real PostgreSQL server of our own, for tests and benchmarks: on a socket, gone afterwards."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534  # PostgreSQL refuses to run as root
PATIENCE_SECONDS = 60.0
_numbers = count(1)


class NoServer(Exception):
    """PostgreSQL is not installed here, or does not start; says why."""


class Server:
    """A server with an empty cluster. Without `sync` it survives a kill, but no power cut."""

    def __init__(self, programs: Path, folder: Path, *, sync: bool) -> None:
        self.programs, self.folder = programs, folder
        settings = ("listen_addresses=", "max_connections=60", *(() if sync else ("fsync=off",)))
        self._command = [
            *(str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)),
            *(word for setting in settings for word in ("-c", setting)),
        ]

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://evicode@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, name: str, *, like: str = "template0") -> str:
        """A new database, a copy of another; its URL."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start(self) -> None:
        """Start it and wait until it answers; after a kill that takes its recovery."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._launch()
        while time.monotonic() < deadline:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
                if self._process.poll() is not None:  # those before it are not all gone yet
                    self._launch()
            else:
                return
        raise NoServer(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()[-500:]}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """kill -9: no checkpoint, no goodbye; its children notice and end too."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    def _launch(self) -> None:
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **as_nobody()
            )


@contextmanager
def running_server(*, sync: bool = False) -> Iterator[Server]:
    """A server for as long as it is needed. NoServer if there are no programs for one."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="evicode-"))  # short: it is the socket's path too
    try:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        subprocess.run(
            [
                *(str(programs / "initdb"), "-D", str(folder / "data"), "--no-sync"),
                *("--encoding=UTF8", "--locale=C", "--username=evicode", "--auth=trust"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            **as_nobody(),
        )
        server = Server(programs, folder, sync=sync)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    except subprocess.CalledProcessError as error:
        raise NoServer(f"initdb failed: {error.stderr.decode()[-500:]}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_nobody() -> dict[str, Any]:
    """For `subprocess`, where we are root: run as nobody, somewhere nobody may be."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}


def fresh_name() -> str:
    """A name no other database of this run has."""
    return f"evicode_{os.getpid()}_{next(_numbers)}"


def _programs() -> Path:
    """The folder of the newest installed server."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    found = list(reversed(installed))
    if (initdb := shutil.which("initdb")) is not None:
        found.append(Path(initdb).resolve().parent)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
