"""A process that writes until it is done or killed, with a protection taken out where asked to.

python worker.py count DATABASE TIMES [WEAKNESS]
python worker.py decide DATABASE NOTE_ID CODER COUNT [WEAKNESS]
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection, text

import db
from core.types import Code, CodeSystem
from db import decisions, on_postgresql, on_sqlite
from db.records import Action, Draft

UNLOCKED = "unlocked"  # no write lock: transactions as the drivers open them
THINKING = 0.001  # seconds from reading to writing: the others have time to come between
EARLY = "early"  # a decision is acknowledged before it is committed


def count(database: str, times: int) -> None:
    """Once told to: read the counter and write it back one higher, so many times."""
    engine = db.connect(database)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(times):
        with db.unit_of_work(engine) as session:
            value = session.scalar(text("SELECT value FROM counter"))
            time.sleep(THINKING)
            session.execute(text("UPDATE counter SET value = :new"), {"new": value + 1})


def decide(database: str, note_id: int, coder: str, number: int, *, early: bool) -> None:
    """Append decisions; say sequence and token of each once it is kept."""
    engine = db.connect(database)
    for each in range(number):
        draft = Draft(
            note_id=note_id,
            code=Code(CodeSystem.ICD10CM, f"{coder}{each}".upper()),
            title="a title",
            action=Action.ADD,
            coder=coder,
            token=str(uuid4()),
        )
        with db.unit_of_work(engine) as session:
            made = decisions.append(session, draft, seen=0, at=datetime.now(UTC))
            if early:
                _acknowledge(made)
                time.sleep(0.05)
        if not early:
            _acknowledge(made)


def take_out_the_lock() -> None:
    """Open transactions as the drivers do by default."""

    def begin(connection: Connection, *, writes: bool) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")

    on_sqlite.begin = on_postgresql.begin = begin


def _acknowledge(made: decisions.Decision) -> None:
    sys.stdout.write(f"{made.sequence} {made.token}\n")
    sys.stdout.flush()


def main(what: str, database: str, *arguments: str) -> None:
    if UNLOCKED in arguments:
        take_out_the_lock()
    if what == "count":
        count(database, int(arguments[0]))
    else:
        note_id, coder, number = arguments[:3]
        decide(database, int(note_id), coder, int(number), early=EARLY in arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
