"""Batch scoring measured: notes a second, memory, and what a killed process costs.

python -m benchmarks.scale [TRIAL ...] [--codiesp DIR]

TRIAL is speed, kills, memory, or one of them (speed-short-2, memory-1000, ..). `speed` takes some
three minutes, and nothing else may run meanwhile. Each trial that ends is kept in build/learning as
scale-TRIAL.json, so a run that was stopped goes on where it was (also inside the 100,000 notes);
delete a file there to measure it anew. Long notes are those of CodiEsp dev, short ones are made up.
`section` gives the figures as Markdown.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path

from benchmarks.report import commit
from benchmarks.scale_trials import Kept, killed, remembered
from core.corpora import codiesp
from core.scoring import Hands, Job, score

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "learning"
CODIESP = ROOT.parent / "shared" / "data" / "codiesp"
SIZES = (1_000, 10_000, 100_000)
SLICE = 8  # small, so that the end of a short run, when a worker has nothing left, counts little

Notes = Iterator[tuple[str, str]]  # id, text

_SAID = (
    *("chest pain since noon", "no fever", "dry cough at night", "known hypertension"),
    *("type 2 diabetes, on metformin", "denies dyspnea", "asthma, well controlled"),
    *("fall from a ladder with wrist fracture", "mother had breast cancer", "acute appendicitis"),
)


def short_notes() -> Notes:
    """Made-up notes without end, each of one short sentence and different from all others."""
    for number in count():
        yield f"n{number}", f"Visit {number}: {_SAID[number % len(_SAID)]}."


def long_notes(folder: Path) -> Notes:
    """CodiEsp dev, as often as need be; the first words make each note one of its own."""
    texts = [note.text for note in codiesp.read(folder, "dev", "es").notes.values()]
    for number in count():
        yield f"n{number}", f"Nota {number}. {texts[number % len(texts)]}"


def write_notes(path: Path, notes: Notes, number: int) -> Path:
    """So many of them as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for name, text in islice(notes, number):
            file.write(json.dumps({"id": name, "text": text}) + "\n")
    return path


def speed(notes: Callable[[], Notes], number: int, evidence: str, workers: int) -> Kept:
    """Notes a second once every worker has made its first part, and the CPU time of a note."""
    told: list[tuple[float, float, int]] = []

    def tell(done: int) -> None:
        told.append((time.perf_counter(), time.process_time(), done))

    with tempfile.TemporaryDirectory() as folder:
        source = write_notes(Path(folder, "notes.jsonl"), notes(), number)
        out = Path(folder, "out.parquet")
        job = Job(source=source, out=out, evidence=evidence, slice=SLICE)
        score(job, Hands(workers=workers), progress=tell)
        size = out.stat().st_size
    begun, ended = told[workers - 1], told[-1]
    done = sum(each[2] for each in told[workers:])
    found: Kept = {
        "notes": done,
        "workers": workers,
        "evidence": evidence,
        "notes_per_second": done / (ended[0] - begun[0]),
        "bytes_per_note": size / number,
        "load": os.getloadavg()[0],
    }
    # of one worker alone, which is this very process
    return found | ({"cpu_seconds": (ended[1] - begun[1]) / done} if workers == 1 else {})


def _trials(folder: Path) -> dict[str, Callable[[Path], Kept]]:
    long = partial(long_notes, folder)
    speeds = {
        "long-evidence": (long, 96, "default"),
        "long": (long, 240, "none"),
        "short": (short_notes, 2_400, "none"),
    }
    return {
        **{
            f"speed-{name}-{workers}": lambda _kept, given=given, workers=workers: speed(
                *given, workers
            )
            for name, given in speeds.items()
            for workers in (1, 2)
        },
        "kills": lambda _kept: killed(partial(write_notes, notes=short_notes(), number=640)),
        **{
            f"memory-{size}": partial(
                remembered, partial(write_notes, notes=short_notes(), number=size), size
            )
            for size in SIZES
        },
    }


def main() -> None:
    """Run what is not kept yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", nargs="*", metavar="TRIAL")
    parser.add_argument("--codiesp", type=Path, default=CODIESP, metavar="DIR")
    options = parser.parse_args()
    trials = _trials(options.codiesp)
    asked = options.trials or ["speed", "kills", "memory"]
    chosen = [name for name in trials if any(f"{name}-".startswith(f"{a}-") for a in asked)]
    if not chosen:
        parser.error(f"no trial is called {', '.join(asked)}; there are {', '.join(trials)}")
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        kept = KEPT / f"scale-{name}.json"
        if not kept.exists():
            found = trials[name](KEPT) | {
                "commit": commit(),
                "day": f"{datetime.now(UTC):%Y-%m-%d}",
            }
            kept.write_text(json.dumps(found, indent=1))
            sys.stdout.write(f"{name}: {found}\n")
            sys.stdout.flush()


def section(folder: Path = KEPT) -> str:
    """The figures as a section of docs/benchmarks/learning.md; what is missing says so."""
    found = {
        path.stem.removeprefix("scale-"): json.loads(path.read_text())
        for path in sorted(folder.glob("scale-*.json"))
    }
    return "\n".join([_HEAD, *_speeds(found), "", *_memories(found), "", _kills(found), ""])


_HEAD = """## Batch scoring

`python -m core suggest`, the shipped checkpoint, one thread a worker; `python -m benchmarks.scale`
measures it. Notes a second from the moment every worker has made its first part. The target for two
workers is 0.9 of twice one worker's speed *where cores allow*: both need a core of their own.

| notes | evidence | CPU s a note | 1 worker, notes/s | 2 workers, notes/s | efficiency |
|---|---|---:|---:|---:|---:|"""
_SPEEDS = {
    "long-evidence": "CodiEsp dev (median 2,200 characters), 50 codes each",
    "long": "the same",
    "short": "short ones (35 characters)",
}


def _speeds(found: dict[str, Kept]) -> Iterator[str]:
    for name, what in _SPEEDS.items():
        one, two = (found.get(f"speed-{name}-{workers}") for workers in (1, 2))
        if one is None:
            yield f"| {what} | not measured yet | | | | |"
            continue
        rate = one["notes_per_second"]
        both = "— | —"
        if two is not None:
            both = f"{two['notes_per_second']:.1f} | {two['notes_per_second'] / rate / 2:.2f}"
        evidence = "yes" if one["evidence"] == "default" else "no"
        yield f"| {what} | {evidence} | {one['cpu_seconds']:.3f} | {rate:.1f} | {both} |"
    loads = [each["load"] for name, each in found.items() if name.startswith("speed-")]
    if loads:
        yield f"\nThe machine's load average was {min(loads):.1f} to {max(loads):.1f} meanwhile."


def _memories(found: dict[str, Kept]) -> Iterator[str]:
    yield "| short notes | driver, MB | largest of 2 workers, MB | output, MB | minutes |"
    yield "|---:|---:|---:|---:|---:|"
    for size in SIZES:
        one = found.get(f"memory-{size}")
        if one is None:
            yield f"| {size:,} | not measured yet | | | |"
        else:
            yield (
                f"| {size:,} | {one['driver_mb']:.0f} | {one['worker_mb']:.0f} | "
                f"{one['output_mb']:.1f} | {one['seconds'] / 60:.1f} |"
            )


def _kills(found: dict[str, Kept]) -> str:
    one = found.get("kills")
    if one is None:
        return "`kill -9` of a worker and of the driver: not measured yet."
    same = "the same" if one["identical"] else "NOT the same"
    return (
        f"`kill -9` of a worker, then of the driver, over {one['notes']} notes in parts of 64: the "
        f"output after each is {same}, byte for byte, as of one worker that nobody killed (SHA-256 "
        f"`{one['sha256'][:12]}`). {one['kept']} parts were done when the driver died, and "
        f"{one['made_again']} of them were made again; its workers ended by themselves within "
        f"{one['orphans_seconds']:.1f} s."
    )


if __name__ == "__main__":
    main()
