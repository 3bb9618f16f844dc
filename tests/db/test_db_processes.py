"""Several processes at once, and processes killed in the middle: nothing acknowledged is lost."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from db import decisions
from tests.db.desk import a_note


def _start(database: Path, note_id: int, *, coder: str, count: int) -> "subprocess.Popen[str]":
    script = Path(__file__).with_name("writer.py")
    return subprocess.Popen(
        [sys.executable, str(script), str(database), str(note_id), coder, str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _acknowledged(output: str) -> dict[int, str]:
    """Sequence -> token of every whole line."""
    lines = output[: output.rfind("\n") + 1].splitlines()
    return {int(sequence): token for sequence, token in (line.split() for line in lines)}


@pytest.fixture
def note_id(engine: Engine) -> int:
    with db.unit_of_work(engine) as session:
        return a_note(session).id


def test_four_processes_lose_and_repeat_no_sequence(
    engine: Engine, database: Path, note_id: int
) -> None:
    writers = [_start(database, note_id, coder=name, count=50) for name in "abcd"]
    outcomes = [writer.communicate(timeout=120) for writer in writers]
    assert [errors for _, errors in outcomes] == [""] * 4  # no lock error
    acknowledged: dict[int, str] = {}
    for output, _ in outcomes:
        acknowledged |= _acknowledged(output)
    assert sorted(acknowledged) == list(range(1, 201))
    with db.unit_of_work(engine, write=False) as session:
        stored = {row.sequence: row.token for row in decisions.of_note(session, note_id)}
    assert stored == acknowledged


def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(
    database: Path, note_id: int, engine: Engine
) -> None:
    engine.dispose()
    acknowledged: dict[int, str] = {}
    for run in range(8):
        writer = _start(database, note_id, coder=f"k{run}n", count=100_000)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.013 * run)  # somewhere else within a transaction each time
        writer.kill()
        output, errors = writer.communicate(timeout=60)
        assert errors == ""
        acknowledged |= _acknowledged(first + output)
        with sqlite3.connect(database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            stored = dict(connection.execute("SELECT sequence, token FROM decisions"))
        connection.close()
        assert acknowledged.items() <= stored.items()
        assert sorted(stored) == list(range(1, len(stored) + 1))
        # what was committed but not yet acknowledged: one decision a run at most
        assert len(stored) - len(acknowledged) <= run + 1
