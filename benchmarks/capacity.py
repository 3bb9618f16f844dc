"""What one note costs, measured; docs/capacity.md is written from it.

python -m benchmarks.capacity [COST ...] [--codiesp DIR] [--report]

Costs are CPU seconds of one thread, which hardly depend on what else the machine does. Each that is
measured is kept in build/learning as capacity-COST.json; delete a file to measure it anew. Scoring
itself comes from `python -m benchmarks.scale`, decisions under load from docs/benchmarks/safety.md.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from uuid import uuid4

import torch
from sqlalchemy import Engine, text

import db
from benchmarks import capacity_page
from benchmarks.report import commit
from benchmarks.scale import CODIESP, KEPT, long_notes
from core.codes import shared_tables
from core.corpora import codiesp
from core.inference import Coder
from core.types import Note
from db import notes, unit_of_work
from tests.postgres import fresh_name, running_server
from ui.services.coding import Coding
from ui.services.intents import Intent, Kind
from ui.services.remembering import BOTH, Remembering

STAGES = ("note", "screen", "decision", "evidence")
NOTES, DECISIONS, EXPLAINED = 60, 8, 4  # what a database is filled with: notes, and of each note
FEEDBACK, EPOCHS = 100, 5

Found = dict[str, float]


def open_coding(engine: Engine) -> Coding:
    """The app's own service with the shipped checkpoint, on one thread."""
    torch.set_num_threads(1)
    db.migrate(engine)
    coder = Coder.load()
    bare = Coding(engine=engine, coder=coder, tables=shared_tables(), version="capacity", now=_now)
    kept = Remembering(coder=coder, now=_now, engine=engine, learning=bare.learning)
    return replace(bare, remembering=kept)


def filled(engine: Engine, folder: Path) -> Found:
    """Fill a database as work does: bytes of each thing, and CPU seconds of what was done."""
    coding = open_coding(engine)
    sizes, spent = [_size(engine)], dict[str, float]()
    with unit_of_work(engine) as session:
        ids = [
            notes.add(session, Note(id=name, text=words), source="", uploaded_by="ana", at=_now())
            for name, words in islice(long_notes(folder), NOTES)
        ]
    sizes.append(_size(engine))
    coding.open(ids[0].note.id, coder="ana")  # what is made on first use is made
    with _spent(spent, "open_s", NOTES):
        opened = [coding.open(added.note.id, coder="bob") for added in ids]
    sizes.append(_size(engine))
    with _spent(spent, "decide_s", NOTES * DECISIONS):
        for chart in opened:
            listed = chart.screen.suggestions if chart.screen else ()
            real = [each for each in listed if each.suggestion.task == "icd"][:DECISIONS]
            for seen, each in enumerate(real):
                intent = Intent(
                    token=str(uuid4()),
                    kind=Kind.ACCEPT,
                    note_id=chart.note.id,
                    screen_id=chart.screen.id if chart.screen else None,
                    code=each.suggestion.code,
                    seen=seen,
                )
                why = coding.apply([intent], coder="bob")[intent.token]
                if why is not None:
                    raise RuntimeError(why)
    sizes.append(_size(engine))
    with _spent(spent, "open_after_decision_s", 5):
        for chart in opened[:5]:
            coding.learn(chart.note.id)
            coding.open(chart.note.id, coder="eva")
    remembering, before = coding.remembering, _size(engine)
    assert remembering is not None  # noqa: S101
    with _spent(spent, "evidence_s", NOTES * EXPLAINED):
        for chart in opened:
            codes = [each.suggestion.code for each in chart.screen.suggestions[:8]]  # type: ignore[union-attr]
            codes = [code for code in codes if code in coding.coder.spaces["icd"]][:EXPLAINED]  # type: ignore[union-attr]
            remembering.explain(chart.note.as_note(), codes, BOTH)
    grown = [after - start for start, after in pairwise(sizes)]
    grown.append(_size(engine) - before)
    of_each = (NOTES, NOTES + 1, NOTES * DECISIONS, NOTES * EXPLAINED)
    kilobytes = {
        f"{stage}_kb": size / number / 1e3
        for stage, size, number in zip(STAGES, grown, of_each, strict=True)
    }
    return spent | kilobytes | {"empty_mb": sizes[0] / 1e6}


def sqlite(folder: Path) -> Found:
    with tempfile.TemporaryDirectory() as place:
        engine = db.connect(Path(place, "capacity.sqlite"))
        try:
            return filled(engine, folder)
        finally:
            engine.dispose()


def postgresql(folder: Path) -> Found:
    with running_server(sync=True) as server:
        engine = db.connect(server.create(fresh_name()))
        try:
            return filled(engine, folder)
        finally:
            engine.dispose()


def app(_folder: Path) -> Found:
    """Memory of a process of the app with its model and code tables, before anybody is there."""
    code = (
        "import streamlit, ui.workbench; from core.codes import shared_tables; "
        "from core.inference import Coder; from core.types import Note; "
        "shared_tables().warm(); Coder.load().suggest(Note(id='a', text='fever'), "
        "evidence='default', top=20); import resource; "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return {"app_mb": int(run.stdout.split()[-1]) / 1024}


def finetune(folder: Path) -> Found:
    """CPU minutes of fine-tuning the shipped checkpoint on 100 charts, without rehearsal."""
    with tempfile.TemporaryDirectory() as place:
        feedback, out = Path(place, "feedback.jsonl"), Path(place, "model")
        charts = list(codiesp.read(folder, "dev", "es").notes.values())[:FEEDBACK]
        feedback.write_text("".join(_line(note) for note in charts), encoding="utf-8")
        before = _children_s()
        asked = ["--feedback", str(feedback), "--out", str(out), "--epochs", str(EPOCHS)]
        command = [sys.executable, "-m", "core", "finetune", *asked]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return {"cpu_minutes": (_children_s() - before) / 60, "notes": FEEDBACK, "epochs": EPOCHS}


COSTS: Mapping[str, Callable[[Path], Found]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "app": app,
    "finetune": finetune,
}


def _size(engine: Engine) -> int:
    """Bytes on disk, with what the write-ahead log still holds."""
    if engine.url.get_backend_name() == "postgresql":
        with engine.connect() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return os.path.getsize(str(engine.url.database))


def _line(note: Note) -> str:
    codes = [
        {
            "system": each.code.system.value,
            "code": each.code.code,
            "evidence": [[span.start, span.end] for span in each.evidence],
        }
        for each in note.annotations
    ]
    return json.dumps({"id": note.id, "text": note.text, "codes": codes, "rejected": []}) + "\n"


@contextmanager
def _spent(into: Found, name: str, number: int) -> Iterator[None]:
    """CPU seconds of each of so many."""
    begun = time.process_time()
    yield
    into[name] = (time.process_time() - begun) / number


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Measure what is not kept yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("costs", nargs="*", metavar="COST", help=f"of {', '.join(COSTS)}")
    parser.add_argument("--codiesp", type=Path, default=CODIESP, metavar="DIR")
    parser.add_argument("--report", action="store_true", help="only write what is kept")
    options = parser.parse_args()
    if unknown := set(options.costs) - set(COSTS):
        parser.error(f"no cost is called {', '.join(unknown)}")
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in () if options.report else options.costs or COSTS:
        kept = KEPT / f"capacity-{name}.json"
        if not kept.exists():
            found = COSTS[name](options.codiesp)
            kept.write_text(json.dumps(found | {"commit": commit()}, indent=1))
            sys.stdout.write(f"{name}: {found}\n")
            sys.stdout.flush()
    capacity_page.write(KEPT)


if __name__ == "__main__":
    main()
