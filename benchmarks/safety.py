"""The safety figures in their long form, on SQLite and on a real PostgreSQL server.

python -m benchmarks.safety [TRIAL ...] [--short]     writes docs/benchmarks/safety.md

The trials are those of tests/safety. Each one that ends is kept in build/safety, so a run that was
stopped goes on where it was; delete that folder to measure anew.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import Engine, insert

import db
from benchmarks.report import header
from db.backup import backup
from db.engine import write_connection
from db.tables import DecisionRow
from db.trail import adopt
from db.verify import verify
from tests.db import decision_model
from tests.db.desk import a_note
from tests.postgres import Server, fresh_name, running_server
from tests.safety import trials
from tests.safety.worker import EARLY, UNLOCKED

ROOT = Path(__file__).parents[1]
REPORT, KEPT = ROOT / "docs" / "benchmarks" / "safety.md", ROOT / "build" / "safety"
Said = tuple[str, str]  # what was tried, what came of it
Trial = Callable[[Engine, Server | None, bool], Said]


def kills(engine: Engine, server: Server | None, short: bool) -> Said:
    runs = 5 if short else 50
    return f"kill -9 of a writer, x {runs}", _kills(trials.killed_writers(engine, runs=runs))


def server_kills(engine: Engine, server: Server | None, short: bool) -> Said:
    runs = 2 if short else 50
    if server is None:
        return "kill -9 of the server under a writer", "no server to kill"
    found = trials.killed_servers(engine, server, runs=runs)
    return f"kill -9 of the server under a writer, x {runs}", _kills(found)


def early(engine: Engine, server: Server | None, short: bool) -> Said:
    runs = 3 if short else 10
    found = trials.killed_writers(engine, runs=runs, weakness=EARLY)
    return f"— the same x {runs}, acknowledged before the commit", _kills(found)


def updates(engine: Engine, server: Server | None, short: bool) -> Said:
    times = 20 if short else 100
    found = trials.read_modify_write(engine, processes=8, times=times)
    return f"8 processes x {times} read-modify-writes", _updates(found)


def unlocked(engine: Engine, server: Server | None, short: bool) -> Said:
    times = 20 if short else 100
    found = trials.read_modify_write(engine, processes=8, times=times, weakness=UNLOCKED)
    return f"— the same {8 * times} without the write lock", _updates(found)


def sequences(engine: Engine, server: Server | None, short: bool) -> Said:
    times = 10 if short else 100
    found = trials.writers_at_once(engine, processes=8, times=times)
    return f"8 processes x {times} decisions on one note", _updates(found)


def model(engine: Engine, server: Server | None, short: bool) -> Said:
    counted = decision_model.run(engine, examples=20 if short else 500, steps=50)
    fault = verify(engine).fault
    each = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
    return (
        f"model test: {counted.total():,} random steps",
        f"0 decisions lost or invented; trail {fault or 'whole'} ({each})",
    )


def coders(engine: Engine, server: Server | None, short: bool) -> Said:
    seconds = 10 if short else 600
    found = trials.simulated_coders(engine, coders=20, seconds=seconds, pause=1.0)
    return (
        f"20 simulated coders for {seconds / 60:.3g} min",
        f"{found.decided:,} decisions, {found.conflicts} conflicts shown, "
        f"{len(found.errors)} errors, p95 of a decision {1000 * found.p95:.0f} ms; "
        f"trail {found.fault or 'whole'}",
    )


def backups(engine: Engine, server: Server | None, short: bool) -> Said:
    copies, stop = (2 if short else 20), Event()
    writer = Thread(target=_write_until, args=(engine, stop))
    writer.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = [backup(engine, Path(folder, f"{copy}.backup")) for copy in range(copies)]
    finally:
        stop.set()
        writer.join()
    return (
        f"{copies} backups while decisions are written",
        f"each verified, of {found[0].entries:,} to {found[-1].entries:,} entries; source "
        f"{verify(engine).fault or 'whole'}",
    )


def trail(engine: Engine, server: Server | None, short: bool) -> Said:
    number = 10_000 if short else 100_000
    with db.unit_of_work(engine) as session:
        note_id = a_note(session).id
    with write_connection(engine) as connection:
        connection.execute(insert(DecisionRow), [_decision(note_id, n) for n in range(1, number)])
        adopt(connection)
    wall, cpu = time.perf_counter(), time.process_time()
    verdict = verify(engine)
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
        **{"note_id": note_id, "sequence": number, "system": "ICD-10-CM", "code": f"A{number}"},
        **{"title": "a title", "action": "add", "coder": "ana", "decided_at": datetime.now(UTC)},
        "token": str(number),
    }


def _write_until(engine: Engine, stop: Event) -> None:
    trials.simulated_coders(engine, coders=4, seconds=1, pause=0.01)
    while not stop.is_set():
        with db.unit_of_work(engine) as session:
            a_note(session, name="load", text=f"load {time.monotonic_ns()}")


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
        said = TRIALS[name](engine, server, short)
    kept.write_text(json.dumps(said))
    print(kind, *said, sep=" · ", flush=True)
    _write_report()


def _write_report() -> None:
    lines = [
        header("Safety: nothing lost, nothing changed unseen", "python -m benchmarks.safety"),
        "Real processes, real files, a real PostgreSQL server. A line that begins with a dash is\n"
        "the line above it with a protection taken out, to show that the trial can fail. The short\n"
        "forms run in `make test` (tests/safety). Other programs ran on the machine meanwhile.\n\n",
        "| trial | SQLite | PostgreSQL |\n|---|---|---|\n",
    ]
    for name in TRIALS:
        found = {
            kind: json.loads((KEPT / f"{name}-{kind}.json").read_text())
            for kind in ("SQLite", "PostgreSQL")
            if (KEPT / f"{name}-{kind}.json").exists()
        }
        tried = {said[0] for said in found.values()}
        cells = (found.get(kind, ("", "—"))[1] for kind in ("SQLite", "PostgreSQL"))
        if found:
            lines.append(f"| {' / '.join(sorted(tried))} | {' | '.join(cells)} |\n")
    REPORT.write_text("".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trials", nargs="*", choices=[*TRIALS, []], default=list(TRIALS))
    parser.add_argument("--short", action="store_true", help="a minute instead of half an hour")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    with running_server(sync=True) as server:
        for name in options.trials or TRIALS:
            for place in (None, server):
                if place is not None or name != "server_kills":
                    _run(name, place, short=options.short)


if __name__ == "__main__":
    main()
