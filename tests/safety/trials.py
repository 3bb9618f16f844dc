"""What a database must survive, in counts: the tests run these short, the benchmark long."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from threading import Lock
from uuid import uuid4

from sqlalchemy import Engine, text

import db
from core.errors import Conflict
from core.types import Code, CodeSystem
from db import decisions
from db.records import Action
from db.verify import Fault, verify
from tests.db.desk import a_draft, a_note
from tests.postgres import Server

STEPS = 80  # on a chart before its coders go on
WORKER = Path(__file__).with_name("worker.py")
Process = subprocess.Popen[str]


@dataclass(frozen=True, kw_only=True)
class Updates:
    """Read-modify-writes: asked for, lost, and what went wrong openly."""

    asked: int
    lost: int
    errors: list[str]


@dataclass(frozen=True, kw_only=True)
class Kills:
    """Writers killed: decisions they acknowledged, those lost, and runs that left damage."""

    runs: int
    acknowledged: int
    lost: int
    damaged: int
    fault: Fault | None


@dataclass(frozen=True, kw_only=True)
class Round:
    """Simulated coders: decisions made, conflicts shown, errors, and how long a decision took."""

    decided: int
    conflicts: int
    errors: list[str]
    p95: float  # seconds
    fault: Fault | None


def start(*arguments: str) -> Process:
    """A worker process; see `worker.py`."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_modify_write(engine: Engine, *, processes: int, times: int, weakness: str = "") -> Updates:
    """Let processes count one number up, each so many times, and all of them at once."""
    with db.unit_of_work(engine) as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    database = engine.url.render_as_string()
    counters = [start("count", database, str(times), weakness) for _ in range(processes)]
    _let_go(counters)
    errors = [counter.communicate(timeout=600)[1] for counter in counters]
    with db.unit_of_work(engine, write=False) as session:
        value = session.scalar(text("SELECT value FROM counter")) or 0
    asked = processes * times
    return Updates(asked=asked, lost=asked - value, errors=[each for each in errors if each])


def _let_go(workers: Sequence[Process]) -> None:
    """Once all are ready: else, on a busy machine, one is done before the next has started."""
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()


def writers_at_once(engine: Engine, *, processes: int, times: int) -> Updates:
    """Let processes decide on one note at once; a sequence given twice or left out is lost."""
    with db.unit_of_work(engine) as session:
        note_id = a_note(session).id
    database = engine.url.render_as_string()
    names = (f"w{number}n" for number in range(processes))
    writers = [start("decide", database, str(note_id), name, str(times)) for name in names]
    outcomes = [writer.communicate(timeout=600) for writer in writers]
    with db.unit_of_work(engine, write=False) as session:
        stored = {row.sequence: row.token for row in decisions.of_note(session, note_id)}
    acknowledged = [each for output, _ in outcomes for each in _acknowledged(output).items()]
    wanted = range(1, processes * times + 1)
    kept = set(acknowledged) & {(place, stored.get(place, "")) for place in wanted}
    return Updates(
        asked=processes * times,
        lost=processes * times - len(kept),
        errors=[each for _, each in outcomes if each],
    )


def killed_writers(engine: Engine, *, runs: int, weakness: str = "") -> Kills:
    """kill -9 a writer, each time a little later within its work."""
    return _killed(engine, runs, weakness, lambda writer, _run: writer.kill())


def killed_servers(engine: Engine, server: Server, *, runs: int) -> Kills:
    """kill -9 the PostgreSQL server under a writer, and start it again."""

    def kill(writer: Process, _run: int) -> None:
        server.kill()
        writer.wait(timeout=60)
        server.start()

    return _killed(engine, runs, "", kill)


def _killed(
    engine: Engine, runs: int, weakness: str, kill: Callable[[Process, int], None]
) -> Kills:
    with db.unit_of_work(engine) as session:
        note_id = a_note(session).id
    engine.dispose()
    acknowledged: dict[int, str] = {}
    damaged = 0
    for run in range(runs):
        name = f"k{run}n"
        writer = start(
            "decide", engine.url.render_as_string(), str(note_id), name, "100000", weakness
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.013 * (run % 20))  # somewhere else within a transaction each time
        kill(writer, run)
        acknowledged |= _acknowledged(first + writer.communicate(timeout=60)[0])
        damaged += not is_whole(engine)
    with db.unit_of_work(engine, write=False) as session:
        stored = {row.sequence: row.token for row in decisions.of_note(session, note_id)}
    lost = acknowledged.items() - stored.items()
    damaged += sorted(stored) != list(range(1, len(stored) + 1))
    return Kills(
        runs=runs,
        acknowledged=len(acknowledged),
        lost=len(lost),
        damaged=damaged,
        fault=verify(engine).fault,
    )


def is_whole(engine: Engine) -> bool:
    """Whether the engine's own check of its files finds nothing."""
    if engine.dialect.name != "sqlite":
        return True  # the server recovers, or does not start
    with engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def simulated_coders(engine: Engine, *, coders: int, seconds: float, pause: float) -> Round:
    """Coders who decide, undo and make again on a few charts, each pausing a moment in between.

    Four share a chart, and go on to another after `STEPS` steps, as nobody gives a chart a thousand
    codes.
    """
    open_charts = [_Charts(engine, place) for place in range(coders // 4)]
    end = time.monotonic() + seconds
    took: list[float] = []
    conflicts: list[str] = []
    errors: list[str] = []

    def work(coder: int) -> None:
        draw = random.Random(coder)
        while time.monotonic() < end:
            time.sleep(draw.uniform(0, 2 * pause))
            try:
                note = draw.choice(open_charts).current()
                took.append(_one_step(engine, draw, note, f"coder {coder}"))
            except Conflict as conflict:
                (conflicts if "after you opened it" in str(conflict) else errors).append(
                    str(conflict)
                )
            except Exception as error:  # noqa: BLE001  (whatever it is, it counts)
                errors.append(repr(error))

    with ThreadPoolExecutor(coders) as pool:
        list(pool.map(work, range(coders)))
    return Round(
        decided=len(took),
        conflicts=len(conflicts),
        errors=errors,
        p95=quantiles(took, n=20)[-1],
        fault=verify(engine).fault,
    )


class _Charts:
    """One chart after another, each for so many steps of anybody's."""

    def __init__(self, engine: Engine, place: int) -> None:
        self._engine, self._place = engine, place
        self._steps, self._lock = 0, Lock()
        self._note = self._next()

    def current(self) -> db.records.StoredNote:
        with self._lock:
            self._steps += 1
            if self._steps % STEPS == 0:
                self._note = self._next()
            return self._note

    def _next(self) -> db.records.StoredNote:
        name = f"chart {self._place}.{self._steps}"
        with db.unit_of_work(self._engine) as session:
            return a_note(session, name=name, text=name)


def _one_step(engine: Engine, draw: random.Random, note: db.records.StoredNote, who: str) -> float:
    """Look at a chart, think, and decide on what was seen; seconds the decision took."""
    with db.unit_of_work(engine, write=False) as session:
        seen = len(decisions.of_note(session, note.id))
    time.sleep(draw.uniform(0, 0.1))
    code = Code(CodeSystem.ICD10CM, f"A{draw.randrange(40)}")
    step = draw.random()
    began = time.monotonic()
    with db.unit_of_work(engine) as session:
        how = {"seen": seen, "at": datetime.now(UTC)}
        if step < 0.8:
            action = draw.choice([Action.ACCEPT, Action.REJECT, Action.ADD])
            decisions.append(session, a_draft(note, code, action, coder=who), **how)
        else:
            act = decisions.undo if step < 0.9 else decisions.redo
            act(session, note.id, coder=who, token=str(uuid4()), **how)
    return time.monotonic() - began


def _acknowledged(output: str) -> dict[int, str]:
    """Sequence -> token of every whole line."""
    lines = output[: output.rfind("\n") + 1].splitlines()
    return {int(sequence): token for sequence, token in (line.split() for line in lines)}
