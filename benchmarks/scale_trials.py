"""The trials of `benchmarks.scale` that watch or kill processes of `python -m core suggest`."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Kept = dict[str, Any]  # Any: plain JSON
Write = Callable[[Path], Path]  # the notes, into that file

EVERY = 0.5  # seconds from one look to the next
MB = 1 << 10  # /proc says kB


def remembered(write: Write, size: int, kept: Path) -> Kept:
    """The peaks of resident memory of the driver and of two workers over so many notes.

    The notes, the parts and the peaks so far lie in a folder, so that it goes on if it is stopped.
    """
    folder = kept / f"scale-memory-{size}"
    folder.mkdir(exist_ok=True)
    source, so_far = folder / "notes.jsonl", folder / "peaks.json"
    if not source.exists():
        write(folder / "draft").rename(source)
    seen = {"driver_mb": 0.0, "worker_mb": 0.0, "seconds": 0.0}
    if so_far.exists():
        seen |= json.loads(so_far.read_text())
    process = _started(source, folder / "out.parquet")
    while process.poll() is None:
        time.sleep(EVERY)
        seen["seconds"] += EVERY
        seen["driver_mb"] = max(seen["driver_mb"], _peak_mb(process.pid))
        seen["worker_mb"] = max([seen["worker_mb"], *map(_peak_mb, _workers(process.pid))])
        so_far.write_text(json.dumps(seen))
    _ended(process)
    found = seen | {"notes": size, "output_mb": (folder / "out.parquet").stat().st_size / 1e6}
    shutil.rmtree(folder)
    return found


def killed(write: Write) -> Kept:
    """kill -9 of a worker, and of the driver alone; the output each time, and what was repeated."""
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder, "notes.jsonl"))
        plain, worker, driver = (Path(folder, f"{name}.parquet") for name in ("1", "2", "3"))
        _ended(_started(source, plain, workers=1))
        _kill_worker(source, worker)
        found = _kill_driver(source, driver)
        hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (plain, worker, driver)]
        notes = sum(1 for _ in source.open())
    return found | {
        "notes": notes,
        "sha256": hashes[0],
        "identical": len(set(hashes)) == 1,
    }


def _kill_worker(source: Path, out: Path) -> None:
    process = _started(source, out)
    _wait_for_parts(process, out, 2)
    os.kill(_workers(process.pid)[0], signal.SIGKILL)
    _ended(process)


def _kill_driver(source: Path, out: Path) -> Kept:
    process = _started(source, out)
    _wait_for_parts(process, out, 3)
    orphans = _workers(process.pid)
    process.kill()
    process.wait()
    begun = time.perf_counter()
    while any(Path("/proc", str(each)).exists() for each in orphans):
        time.sleep(0.05)
    waited = time.perf_counter() - begun
    kept = _parts(out)
    again = _started(source, out)
    last: dict[str, int] = {}
    while again.poll() is None:
        last = _parts(out) or last
        time.sleep(0.02)
    made_again = sum(last.get(name) != when for name, when in kept.items())
    return {"kept": len(kept), "made_again": made_again, "orphans_seconds": waited}


def _started(source: Path, out: Path, *, workers: int = 2) -> "subprocess.Popen[bytes]":
    asked = ["--in", str(source), "--out", str(out), "--workers", str(workers)]
    command = [sys.executable, "-m", "core", "suggest", *asked, "--evidence", "none"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603


def _ended(process: "subprocess.Popen[bytes]") -> None:
    if process.wait():
        raise RuntimeError(f"suggest ended with {process.returncode}")


def _wait_for_parts(process: "subprocess.Popen[bytes]", out: Path, number: int) -> None:
    while len(_parts(out)) < number:
        if process.poll() is not None:
            raise RuntimeError("the command ended before it could be killed")
        time.sleep(0.02)


def _parts(out: Path) -> dict[str, int]:
    """The parts that are there, and when each was made."""
    folder = out.with_name(f".{out.name}.parts")
    found = {}
    for path in folder.glob("*.parquet"):
        try:
            found[path.name] = path.stat().st_mtime_ns
        except FileNotFoundError:  # the job has just ended
            return {}
    return found


def _workers(driver: int) -> list[int]:
    """The worker processes of a driver; not the one that keeps track of what they share."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"PPid:\t{driver}\n" in status and b"spawn_main" in line:
            found.append(int(folder.name))
    return found


def _peak_mb(process: int) -> float:
    """The most memory a process ever had resident; 0 if it is gone."""
    try:
        status = Path("/proc", str(process), "status").read_text()
    except OSError:
        return 0.0
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) / MB
