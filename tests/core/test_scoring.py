"""Many notes are scored by any number of hands, stop at any moment, and give one output."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadFile, BadSettings, ScoringStopped
from core.scoring import Job, score
from core.scoring.running import Hands
from core.scoring.slices import Reader, cut
from tests.models import tiny_checkpoint

TEXTS = ["fever and cough", "chest pain since noon", "no fever", "asthma, cough", "12 34"]
NOTES = 43  # with slices of 4: eleven parts, the last of three notes


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scoring") / "checkpoint"
    tiny_checkpoint(folder)
    return folder


def notes() -> list[dict[str, object]]:
    return [{"id": number, "text": TEXTS[number % len(TEXTS)]} for number in range(NOTES)]


def jsonl(path: Path) -> Path:
    path.write_text("".join(json.dumps(note) + "\n" for note in notes()), encoding="utf-8")
    return path


def parquet(path: Path) -> Path:
    columns = {"id": [str(note["id"]) for note in notes()], "text": [n["text"] for n in notes()]}
    pq.write_table(pa.table(columns | {"unit": ["x"] * NOTES}), path, row_group_size=10)
    return path


def job(source: Path, out: Path, checkpoint: Path) -> Job:
    return Job(source=source, out=out, checkpoint=checkpoint, evidence="none", top=5, slice=4)


@pytest.mark.parametrize("size", [1, 4, 10, 64])
@pytest.mark.parametrize("write", [jsonl, parquet])
def test_slices_hold_every_note_once_and_in_order(
    tmp_path: Path, size: int, write: Callable[[Path], Path]
) -> None:
    source = write(tmp_path / f"notes.{write.__name__}")
    reader = Reader(source)
    given = [each for piece in cut(source, size) for each in reader.read(piece)]
    assert [str(each.id) for each in given] == [str(number) for number in range(NOTES)]
    assert [each.number for each in given] == list(range(1, NOTES + 1))


@pytest.mark.parametrize("write", [jsonl, parquet])
def test_a_slice_reads_the_same_whatever_was_read_before(
    tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    source = write(tmp_path / f"notes.{write.__name__}")
    pieces = list(cut(source, 4))
    reader = Reader(source)
    for piece in (pieces[7], pieces[2], pieces[3], pieces[9], pieces[9]):
        assert list(reader.read(piece)) == list(Reader(source).read(piece))


def test_parquet_and_json_lines_say_the_same(tmp_path: Path, checkpoint: Path) -> None:
    lines = score(job(jsonl(tmp_path / "a.jsonl"), tmp_path / "out.jsonl", checkpoint))
    table = score(job(parquet(tmp_path / "a.parquet"), tmp_path / "out.parquet", checkpoint))
    assert lines == table
    assert (lines.served, len(lines.refused)) == (35, 8)  # every fifth note has no word
    assert lines.refused[0] == (5, "the note has no words; give a note with text in it")
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["id"] for line in told][:5] == [0, 1, 2, 3, 5]  # a number stays one
    assert rows == [line | {"id": str(line["id"])} for line in told]


@pytest.mark.parametrize("hands", [Hands(workers=2), Hands(workers=2, ray=True)], ids=str)
def test_who_does_the_work_makes_no_difference(
    tmp_path: Path, checkpoint: Path, hands: Hands
) -> None:
    if hands.ray:
        pytest.importorskip("ray", reason="Ray is an optional extra: pip install '.[ray]'")
    source = jsonl(tmp_path / "notes.jsonl")
    score(job(source, tmp_path / "one.jsonl", checkpoint))
    told: list[int] = []
    score(job(source, tmp_path / "two.jsonl", checkpoint), hands, progress=told.append)
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    assert sum(told) == NOTES
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["notes.jsonl", "one.jsonl", "two.jsonl"]
    )


def test_what_was_made_before_is_not_made_again(tmp_path: Path, checkpoint: Path) -> None:
    asked = job(jsonl(tmp_path / "notes.jsonl"), tmp_path / "out.jsonl", checkpoint)
    score(asked)
    whole = asked.out.read_bytes()
    asked.begin(json.loads(whole.splitlines()[0])["checkpoint"])
    told: list[int] = []

    def stop(done: int) -> None:
        told.append(done)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(asked, progress=stop)
    assert asked.out.read_bytes() == whole  # the former output stands until a new one is whole
    made = {path.name: path.stat().st_mtime_ns for path in asked.folder.glob("*.parquet")}
    assert len(made) == 3
    score(asked, progress=told.append)
    assert sum(told) == NOTES
    assert asked.out.read_bytes() == whole


def test_parts_of_another_job_are_not_mixed_in(tmp_path: Path, checkpoint: Path) -> None:
    asked = job(jsonl(tmp_path / "notes.jsonl"), tmp_path / "out.jsonl", checkpoint)
    asked.begin("another checkpoint")
    with pytest.raises(BadSettings, match="parts of another job"):
        score(asked)


def test_a_killed_command_goes_on_where_it_stood(tmp_path: Path, checkpoint: Path) -> None:
    source = tmp_path / "notes.jsonl"
    many = [{"id": n, "text": f"{TEXTS[n % 4]} {n}" * 40} for n in range(400)]
    source.write_text("".join(json.dumps(note) + "\n" for note in many), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "core", "suggest", "--checkpoint", str(checkpoint)]
    command += ["--in", str(source), "--out", str(out), "--workers", "2"]
    folder = tmp_path / ".out.jsonl.parts"
    first = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    while not list(folder.glob("*.parquet")) and first.poll() is None:
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)  # the driver and its workers
    first.wait()
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}
    assert 0 < len(kept) < 7
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "400 notes served, 0 lines refused" in again.stderr
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == list(range(400))


@pytest.mark.parametrize("hands", [Hands(workers=2), Hands(workers=2, ray=True)], ids=str)
def test_a_killed_worker_costs_nothing(tmp_path: Path, checkpoint: Path, hands: Hands) -> None:
    if hands.ray:
        pytest.importorskip("ray", reason="Ray is an optional extra: pip install '.[ray]'")
    source = jsonl(tmp_path / "notes.jsonl")
    score(job(source, tmp_path / "one.jsonl", checkpoint))
    killed: list[int] = []

    def kill_one(_done: int) -> None:
        if not killed:
            killed.append(_process_named(b"RayWorker" if hands.ray else b"spawn_main"))
            os.kill(killed[0], signal.SIGKILL)

    asked = replace(job(source, tmp_path / "two.jsonl", checkpoint), slice=1)
    score(asked, hands, progress=kill_one)
    assert killed
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def _process_named(words: bytes) -> int:
    """A worker process; of a spawned one, only a child of this process is ours."""
    own = f"PPid:\t{os.getpid()}\n"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, line = (folder / "status").read_text(), (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if words in line and (own in status or words != b"spawn_main"):
            return int(folder.name)
    raise AssertionError("there is no worker")


def test_workers_that_keep_dying_end_the_job_with_a_word(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = job(jsonl(tmp_path / "notes.jsonl"), tmp_path / "out.jsonl", checkpoint)
    monkeypatch.setattr("core.scoring.running._make", _die)
    with pytest.raises(ScoringStopped, match="died 3 times in a row"):
        score(asked, Hands(workers=2))


def _die(_piece: object) -> int:
    os._exit(1)


def test_a_file_that_is_none_of_notes_is_refused_with_the_reason(
    tmp_path: Path, checkpoint: Path
) -> None:
    (tmp_path / "bad.parquet").write_text("PAR1 not really")
    pq.write_table(pa.table({"text": ["fever"]}), tmp_path / "unnamed.parquet")
    for name, why in [("bad", "not a readable Parquet"), ("unnamed", "no column id")]:
        with pytest.raises(BadFile, match=why):
            score(job(tmp_path / f"{name}.parquet", tmp_path / "out.jsonl", checkpoint))
    assert not list(tmp_path.glob(".out*"))
