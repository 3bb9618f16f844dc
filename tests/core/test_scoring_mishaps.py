"""What can go wrong while many notes are scored: each is said, or makes no difference."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadFile, BadSettings, ScoringStopped
from core.memory.edits import Edits, SitePhrase
from core.notes.limits import Limits
from core.scoring import Hands, Job, score
from core.scoring.job import alone
from core.scoring.learned import read_edits, read_lessons, write_lessons
from core.scoring.slices import Reader, cut
from core.types import Annotation, Code, CodeSystem, Note, Span
from tests.models import tiny_checkpoint

TEXTS = ["fever and cough", "chest pain since noon", "no fever", "asthma, cough"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mishaps") / "checkpoint"
    tiny_checkpoint(folder)
    return folder


def many(path: Path, number: int, *, times: int = 1) -> Path:
    notes = ({"id": n, "text": f"{TEXTS[n % 4]} {n} " * times} for n in range(number))
    path.write_text("".join(json.dumps(note) + "\n" for note in notes), encoding="utf-8")
    return path


def job(source: Path, checkpoint: Path, name: str = "out.jsonl") -> Job:
    out = source.with_name(name)
    return Job(source=source, out=out, checkpoint=checkpoint, evidence="none", top=5, slice=4)


def command(source: Path, out: Path, checkpoint: Path, *, workers: int) -> list[str]:
    asked = ["--in", str(source), "--out", str(out), "--checkpoint", str(checkpoint)]
    asked += ["--workers", str(workers), "--evidence", "none"]
    return [sys.executable, "-m", "core", "suggest", *asked]


def served_ids(path: Path) -> list[object]:
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def test_bad_lines_are_numbered_and_the_others_are_served(tmp_path: Path, checkpoint: Path) -> None:
    lines = [
        b'{"id": "a", "text": "fever"}',
        b"",
        b'{"id": true, "text": "fever"}',
        b'{"id": null, "text": "fever"}',
        b'{"id": 1.5, "text": "fever"}',
        b'{"id": "\\ud800", "text": "fever"}',
        b'{"id": "b", "text": 7}',
        b'{"id": "c", "text": "f\xe9ver"}',
        b"[" * 100_000,
        b'["id", "text"]',
        b'{"id": "d", "text": ""}',
        b'{"id": "e", "text": "fever \\ud800 and cough"}',
        json.dumps({"id": "f", "text": "fever " * Limits().characters}).encode(),
        b'{"id": "a", "text": "cough", "ward": {"unknown": 1}}',
        b'{"id": 12345678901234567890123, "text": "cough"}',
    ]
    source = tmp_path / "notes.jsonl"
    source.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    done = score(job(source, checkpoint))
    assert served_ids(tmp_path / "out.jsonl") == ["a", "e", "a", 12345678901234567890123]
    assert [number for number, _ in done.refused] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 13]
    assert "more than 200,000" in done.refused[-1][1]
    assert not any("fever" in why for _, why in done.refused)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_no_notes_give_an_output_without_notes(tmp_path: Path, checkpoint: Path, name: str) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    rows = tmp_path / "empty.parquet"
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "text": pa.array([], "str")}), rows)
    for source in (empty, rows):
        assert score(job(source, checkpoint, name)).served == 0
        found = tmp_path / name
        number = pq.read_table(found).num_rows if name.endswith("t") else len(served_ids(found))
        assert number == 0
        found.unlink()


@pytest.mark.parametrize("rows", [1, 3, 64, 1000])
def test_row_groups_of_any_size_and_strings_of_any_type_give_the_same(
    tmp_path: Path, rows: int
) -> None:
    texts = [f"{TEXTS[n % 4]} {n}" for n in range(50)]
    table = {
        "text": pa.array(texts).dictionary_encode(),
        "ward": pa.array([{"a": 1}] * 50),
        "id": pa.array(range(50), "int32"),
    }
    path = tmp_path / "NOTES.PARQUET"
    pq.write_table(pa.table(table), path, row_group_size=rows)
    reader = Reader(path)
    given = [each for piece in cut(path, 7) for each in reader.read(piece)]
    assert [(each.id, each.note and each.note.text) for each in given] == list(enumerate(texts))


def test_one_row_group_of_gigabytes_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "notes.parquet"
    texts = [os.urandom(50_000).hex() for _ in range(400)]  # 40 MB that do not pack well
    table = {"id": [str(n) for n in range(400)], "text": texts}
    pages = {"use_dictionary": False, "write_batch_size": 16}
    pq.write_table(pa.table(table), path, row_group_size=400, **pages)
    piece = next(cut(path, 4))
    before = pa.total_allocated_bytes()
    peak = 0
    for _ in Reader(path).read(piece):
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 25_000_000


def test_a_damaged_page_and_a_column_named_twice_are_said_without_words_of_a_note(
    tmp_path: Path, checkpoint: Path
) -> None:
    path = tmp_path / "notes.parquet"
    pq.write_table(pa.table({"id": ["a"] * 50, "text": TEXTS[:1] * 50}), path, compression="zstd")
    whole = path.read_bytes()
    path.write_bytes(whole[:8] + bytes(40) + whole[48:])
    with pytest.raises(BadFile, match="damaged in row group 0"):
        score(job(path, checkpoint))
    pq.write_table(pa.Table.from_arrays([pa.array(["a"])] * 3, ["id", "text", "id"]), path)
    with pytest.raises(BadFile, match="two columns id"):
        score(job(path, checkpoint))


def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, checkpoint: Path
) -> None:
    source = many(tmp_path / "notes.jsonl", 5)
    (tmp_path / "folder").mkdir()
    for name, why in [
        ("folder", "is a folder"),
        ("nowhere/out.jsonl", "there is no folder"),
        ("notes.jsonl", "is the input"),
    ]:
        with pytest.raises(BadSettings, match=why):
            score(replace(job(source, checkpoint), out=tmp_path / name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "notes.jsonl"]


def test_two_commands_do_not_make_one_output(tmp_path: Path, checkpoint: Path) -> None:
    asked = job(many(tmp_path / "notes.jsonl", 5), checkpoint)
    with alone(asked.out), pytest.raises(BadSettings, match="another command is making"):
        score(asked)
    score(asked)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.jsonl", "out.jsonl"]


@pytest.mark.parametrize("when", ["between", "meanwhile"])
def test_notes_changed_in_the_middle_are_never_mixed(
    tmp_path: Path, checkpoint: Path, when: str
) -> None:
    source = many(tmp_path / "notes.jsonl", 40, times=40_000 if when == "between" else 1)
    asked, told = job(source, checkpoint), list[int]()

    def change(done: int) -> None:
        told.append(done)
        if len(told) == 2:
            with source.open("r+b") as file:  # the size stays, and so do both ends
                file.seek(source.stat().st_size // 2)
                file.write(b"x")
            if when == "between":
                raise KeyboardInterrupt

    if when == "between":
        asked = replace(asked, slice=1)
        source = many(source, 40, times=4_000)
        with pytest.raises(KeyboardInterrupt):
            score(asked, progress=change)
        with pytest.raises(BadSettings, match="parts of another job"):
            score(asked)
    else:
        with pytest.raises(BadFile, match="was changed while it was scored"):
            score(asked, progress=change)
        assert not asked.folder.exists()
    assert not asked.out.exists()


def test_parts_are_for_nobody_else_and_a_damaged_one_is_made_again(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = job(many(tmp_path / "notes.jsonl", 20), checkpoint)
    score(asked)
    whole = asked.out.read_bytes()
    monkeypatch.setattr(Job, "end", lambda self: None)
    score(asked)
    assert asked.folder.stat().st_mode & 0o077 == 0
    (asked.folder / "00000002.parquet").write_bytes(b"PAR1 half of it")
    with pytest.raises(ScoringStopped, match=r"part 2 .* was damaged"):
        score(asked)
    told: list[int] = []
    score(asked, progress=told.append)
    assert told == [4]
    assert asked.out.read_bytes() == whole


def test_a_full_disk_is_said_and_what_is_done_is_kept(tmp_path: Path, checkpoint: Path) -> None:
    source, out = many(tmp_path / "notes.jsonl", 700), tmp_path / "out.jsonl"
    run = command(source, out, checkpoint, workers=1)
    limit = 400_000  # bytes of a file: enough for a part, not for the output
    full = subprocess.run(
        run,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 2
    assert "there is no room left" in full.stderr
    assert not out.exists()
    assert len(list((tmp_path / ".out.jsonl.parts").glob("*.parquet"))) == 11
    subprocess.run(run, check=True, capture_output=True)
    assert served_ids(out) == list(range(700))


@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_workers_end_with_their_driver_and_no_part_is_made_twice(
    tmp_path: Path, checkpoint: Path, signalled: signal.Signals
) -> None:
    source, out = many(tmp_path / "notes.jsonl", 960, times=10), tmp_path / "out.jsonl"
    run = command(source, out, checkpoint, workers=2)
    folder = tmp_path / ".out.jsonl.parts"
    # whoever is started in the background ignores Ctrl-C, and hands that down
    heeds = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    driver = subprocess.Popen(run, stderr=subprocess.PIPE, text=True, preexec_fn=heeds)
    while not list(folder.glob("*.parquet")) and driver.poll() is None:
        time.sleep(0.01)
    workers = children(driver.pid)
    assert len(workers) >= 2
    driver.send_signal(signalled)
    _, said = driver.communicate(timeout=60)
    ends = time.monotonic() + 60
    while any(Path("/proc", str(each)).exists() for each in workers):
        assert time.monotonic() < ends, "a worker outlives its driver"
        time.sleep(0.02)
    if signalled is signal.SIGINT:
        assert (driver.returncode, said.count("\n")) == (130, 1)
        assert "what is done is kept" in said
    assert not out.exists()
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("[0-9]*.parquet")}
    assert 0 < len(kept) < 15
    again, last = subprocess.Popen(run, stderr=subprocess.DEVNULL), dict[str, int]()
    while again.poll() is None:
        seen = {path.name: mtime(path) for path in folder.glob("[0-9]*.parquet")}
        last |= {name: when for name, when in seen.items() if when}
        time.sleep(0.02)
    assert {name: last[name] for name in kept} == kept
    assert served_ids(out) == list(range(960))


def mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # the output is whole, and the parts go
        return 0


def children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"PPid:\t{parent}\n" in (folder / "status").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_lessons_are_read_as_they_were_written(tmp_path: Path) -> None:
    fever, pressure = (Code(CodeSystem.ICD10CM, code) for code in ("R50.9", "I10"))
    given = (
        Annotation(code=fever, evidence=(Span(0, 5),)),
        Annotation(code=fever, evidence=(Span(0, 5), Span(10, 15))),
        Annotation(code=pressure),
    )
    decided = [
        (Note(id="a", text="fever 😀 and cough", annotations=given), frozenset[Code]()),
        (Note(id="b\n", text="\u2028 no fever"), frozenset({fever, pressure})),
    ]
    edits = Edits(
        off=frozenset({(("fever",), fever), (("blood", "pressure"), pressure)}),
        added=frozenset({SitePhrase(language="es", key=("calentura",), code=fever)}),
    )
    path = tmp_path / "lessons.jsonl"
    with path.open("w", encoding="utf-8") as file:
        assert write_lessons(file, decided, edits) == 2
    assert list(read_lessons(path)) == decided
    assert read_edits(path) == edits
    path.write_text('{"off": []}\n{"id": "a", "text": "fever"}\n')
    with pytest.raises(BadFile, match="holds no lessons"):
        read_edits(path)
    with pytest.raises(BadFile, match="holds no lessons") as refused:
        list(read_lessons(path))
    assert "fever" not in str(refused.value)


@pytest.mark.parametrize("hands", [Hands(workers=2), Hands(workers=2, ray=True)], ids=str)
def test_a_killed_worker_repeats_no_part(
    tmp_path: Path, checkpoint: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hands.ray:
        pytest.importorskip("ray", reason="Ray is an optional extra: pip install '.[ray]'")
    asked = replace(job(many(tmp_path / "notes.jsonl", 40), checkpoint), slice=1)
    done: dict[Path, int] = {}

    def kill_one(_done: int) -> None:
        if not done:
            done.update({path: mtime(path) for path in asked.folder.glob("[0-9]*.parquet")})
            os.kill(a_worker(b"RayWorker" if hands.ray else b"spawn_main"), signal.SIGKILL)

    monkeypatch.setattr(Job, "end", lambda self: None)
    score(asked, hands, progress=kill_one)
    assert done
    assert {path: mtime(path) for path in done} == done
    assert len(list(asked.folder.glob("[0-9]*.parquet"))) == 40
    assert served_ids(asked.out) == list(range(40))


def a_worker(words: bytes) -> int:
    of_ours = set(children(os.getpid()))
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = words in (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if found and (int(folder.name) in of_ours or words != b"spawn_main"):
            return int(folder.name)
    raise AssertionError("there is no worker")
