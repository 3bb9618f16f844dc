"""The safety figures in their long form, on SQLite and on a real PostgreSQL server.

python -m benchmarks.safety [TRIAL ...] [--on SQLite|PostgreSQL] [--short] [--report]

The trials are those of tests/safety. Each one that ends is kept in build/safety, so a run that was
stopped goes on where it was; delete a file there to measure it anew. After each, and with --report
at once, docs/benchmarks/safety.md is written from what is kept there, from the counts that
`python -m benchmarks.fuzz_uploads` keeps, and from the tests' own table of figures.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import Engine, insert

import db
from benchmarks import safety_report as report
from benchmarks.report import commit
from benchmarks.safety_report import KEPT, PLACES
from db.backup import backup
from db.engine import SESSIONS, write_connection
from db.tables import DecisionRow
from db.trail import adopt
from db.verify import verify
from tests.db import decision_model
from tests.db.desk import a_note
from tests.postgres import Server, fresh_name, running_server
from tests.safety import trials
from tests.safety.worker import EARLY, UNLOCKED

Said = tuple[str, str]  # what was tried, what came of it


@dataclass(frozen=True)
class Place:
    """A fresh migrated database, its server if it has one, and whether the time is short."""

    engine: Engine
    server: Server | None
    short: bool


Trial = Callable[[Place], Said]


def kills(place: Place) -> Said:
    runs = 5 if place.short else 50
    return f"kill -9 of a writer, x {runs}", _kills(trials.killed_writers(place.engine, runs=runs))


def server_kills(place: Place) -> Said:
    runs = 2 if place.short else 50
    if place.server is None:
        return "kill -9 of the server under a writer", "no server to kill"
    found = trials.killed_servers(place.engine, place.server, runs=runs)
    return f"kill -9 of the server under a writer, x {runs}", _kills(found)


def early(place: Place) -> Said:
    runs = 3 if place.short else 10
    found = trials.killed_writers(place.engine, runs=runs, weakness=EARLY)
    return f"— the same x {runs}, acknowledged before the commit", _kills(found)


def updates(place: Place) -> Said:
    times = 20 if place.short else 100
    found = trials.read_modify_write(place.engine, processes=8, times=times)
    return f"8 processes x {times} read-modify-writes", _updates(found)


def unlocked(place: Place) -> Said:
    times = 20 if place.short else 100
    found = trials.read_modify_write(place.engine, processes=8, times=times, weakness=UNLOCKED)
    return f"— the same {8 * times} without the write lock", _updates(found)


def sequences(place: Place) -> Said:
    times = 10 if place.short else 100
    found = trials.writers_at_once(place.engine, processes=8, times=times)
    return f"8 processes x {times} decisions on one note", _updates(found)


def model(place: Place) -> Said:
    counted: Counter[str] = Counter()
    while counted.total() < (500 if place.short else 10_000):
        counted += decision_model.run(place.engine, examples=25, steps=50)
    fault = verify(place.engine).fault
    each = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
    return (
        f"model test: {counted.total():,} random steps",
        f"0 decisions lost or invented; trail {fault or 'whole'} ({each})",
    )


def coders(place: Place) -> Said:
    seconds = 10 if place.short else 600
    found = trials.simulated_coders(place.engine, coders=20, seconds=seconds, pause=1.0)
    for error, times in Counter(found.errors).most_common(3):
        sys.stdout.write(f"{times} x {error}\n")
    return (
        f"20 simulated coders for {seconds / 60:.3g} min (at most {SESSIONS} connections)",
        f"{found.decided:,} decisions, {found.conflicts} conflicts shown, "
        f"{len(found.errors)} errors, p95 of a decision {1000 * found.p95:.0f} ms; "
        f"trail {found.fault or 'whole'}",
    )


def backups(place: Place) -> Said:
    copies, stop = (2 if place.short else 20), Event()
    writer = Thread(target=_write_until, args=(place.engine, stop))
    writer.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = [backup(place.engine, Path(folder, f"{copy}.backup")) for copy in range(copies)]
    finally:
        stop.set()
        writer.join()
    return (
        f"{copies} backups while notes are written",
        f"each verified, of {found[0].entries:,} to {found[-1].entries:,} entries; source "
        f"{verify(place.engine).fault or 'whole'}",
    )


def trail(place: Place) -> Said:
    number = 10_000 if place.short else 100_000
    with db.unit_of_work(place.engine) as session:
        note_id = a_note(session).id
    with write_connection(place.engine) as connection:
        connection.execute(insert(DecisionRow), [_decision(note_id, n) for n in range(1, number)])
        adopt(connection)
    wall, cpu = time.perf_counter(), time.process_time()
    verdict = verify(place.engine)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (
        f"verify {verdict.entries:,} entries and their records",
        f"{wall:.2f} s ({cpu:.2f} s of CPU); {verdict.fault or 'whole'}",
    )


TRIALS: dict[str, Trial] = {
    trial.__name__: trial
    for trial in (
        *(kills, server_kills, early, updates, unlocked, sequences),
        *(trail, backups, model, coders),
    )
}


def _kills(found: trials.Kills) -> str:
    return (
        f"{found.lost} of {found.acknowledged:,} acknowledged decisions lost, {found.damaged} "
        f"databases damaged; trail {found.fault or 'whole'}"
    )


def _updates(found: trials.Updates) -> str:
    return f"{found.lost} of {found.asked} lost, {len(found.errors)} processes met an error"


def _decision(note_id: int, number: int) -> dict[str, object]:
    return {
        "note_id": note_id,
        "sequence": number,
        "system": "ICD-10-CM",
        "code": f"A{number}",
        "title": "a title",
        "action": "add",
        "coder": "ana",
        "decided_at": datetime.now(UTC),
        "token": str(number),
    }


def _write_until(engine: Engine, stop: Event) -> None:
    while not stop.wait(0.01):
        name = f"note {time.monotonic_ns()}"
        with db.unit_of_work(engine) as session:
            a_note(session, name=name, text=name)


@contextmanager
def _database(server: Server | None) -> Iterator[Engine]:
    """A fresh migrated database, on the server or in a file."""
    with tempfile.TemporaryDirectory() as folder:
        name = fresh_name()
        engine = db.connect(server.create(name) if server else Path(folder, f"{name}.sqlite"))
        db.migrate(engine)
        try:
            yield engine
        finally:
            engine.dispose()
            if server:
                server.drop(name)


def _run(name: str, server: Server | None, *, short: bool) -> None:
    kind = "PostgreSQL" if server else "SQLite"
    kept = KEPT / f"{name}-{kind}.json"
    if kept.exists():
        return
    with _database(server) as engine:
        said = TRIALS[name](Place(engine, server, short))
    kept.write_text(json.dumps(dict(zip(("tried", "found"), said, strict=True)) | _now()))
    sys.stdout.write(f"{kind} · {' · '.join(said)}\n")
    sys.stdout.flush()
    report.write(TRIALS)


def _now() -> dict[str, str]:
    return {"commit": commit(), "day": f"{datetime.now(UTC):%Y-%m-%d}"}


def main() -> None:
    """Run what is not kept yet, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"of {', '.join(TRIALS)}")
    parser.add_argument("--on", choices=PLACES, help="one of the two alone")
    parser.add_argument("--short", action="store_true", help="a minute instead of an hour")
    parser.add_argument("--report", action="store_true", help="only write what is kept")
    options = parser.parse_args()
    if unknown := set(options.trials) - set(TRIALS):
        parser.error(f"no trial is called {', '.join(unknown)}")
    KEPT.mkdir(parents=True, exist_ok=True)
    report.write(TRIALS)
    if options.report:
        return
    with running_server(sync=True) as server:
        for name in options.trials or TRIALS:
            for kind, place in zip(PLACES, (None, server), strict=True):
                alone = name == "server_kills" and place is None
                if not alone and options.on in (None, kind):
                    _run(name, place, short=options.short)


if __name__ == "__main__":
    main()
