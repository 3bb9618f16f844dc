"""A real PostgreSQL server of our own, for tests and benchmarks: on a socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

NOBODY = 65534  # PostgreSQL refuses to run as root


class NoServer(Exception):
    """PostgreSQL is not installed here, or does not start; says why."""


@dataclass(frozen=True)
class Server:
    """A running server. `url` names one of its databases."""

    programs: Path
    folder: Path
    sync: bool  # off, nothing survives a power cut, but all survives a kill

    def url(self, name: str) -> str:
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
        settings = f"-k {self.folder} -c listen_addresses= -c max_connections=60"
        settings += "" if self.sync else " -c fsync=off"
        self._control("start", "-l", str(self.folder / "log"), "-o", settings)

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def kill(self) -> None:
        """kill -9 the server, as a power cut would end it; its children notice and end too."""
        first_line = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(first_line), 9)

    def _control(self, *arguments: str) -> None:
        _run(self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *arguments)


@contextmanager
def running_server(*, sync: bool = False) -> Iterator[Server]:
    """A server with an empty cluster. NoServer if there are no programs for one."""
    server = Server(_programs(), Path(tempfile.mkdtemp(prefix="evicode-")), sync)
    try:
        if os.geteuid() == 0:
            os.chown(server.folder, NOBODY, NOBODY)
        _run(
            *(server.programs / "initdb", "-D", server.folder / "data", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", "--username=evicode", "--auth=trust"),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(server.folder, ignore_errors=True)


_numbers = count(1)


def fresh_name() -> str:
    """A name no other database of this run has."""
    return f"evicode_{os.getpid()}_{next(_numbers)}"


def _programs() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    found = [path for path in reversed(installed) if (path / "initdb").exists()]
    if (initdb := shutil.which("initdb")) is not None:
        found.append(Path(initdb).resolve().parent)
    for folder in found:
        if (folder / "postgres").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoServer("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")


def _run(*command: str | Path) -> None:
    root = os.geteuid() == 0
    done = subprocess.run(
        list(map(str, command)),
        user=NOBODY if root else None,
        group=NOBODY if root else None,
        extra_groups=[] if root else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would be held open by the server
        stderr=subprocess.PIPE if "pg_ctl" not in str(command[0]) else subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoServer(f"{Path(str(command[0])).name} failed: {done.stderr or 'see its log'}")
