"""`python -m db forget` and `retention`: deletion of notes, from the terminal of the server.

Whoever can run it can read the database anyway; the tombstone names the user of the machine.
"""

import argparse
import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput
from db import notes, retention, tombstones
from db.engine import scrub, unit_of_work

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

COMMANDS = ("forget", "retention")
RUNNING = "restart Evicode if it is running: its memory knows their phrases until then"
LEFT = "somebody was reading, so the write-ahead log may hold them still; run this again later"


def add_commands(commands: "Commands") -> list[argparse.ArgumentParser]:
    """Add the commands; their parsers, for what all commands share."""
    forgetting = commands.add_parser("forget", help="delete the words of notes, for good")
    forgetting.add_argument("notes", nargs="*", metavar="NOTE", help="number or name of a note")
    forgetting.add_argument("--reason", default="on request", help="which request it follows")
    keeping = commands.add_parser("retention", help="delete notes finished long enough ago")
    keeping.add_argument("--days", type=int, help=f"default: {retention.SETTING}")
    for command in (forgetting, keeping):
        command.add_argument("--dry-run", action="store_true", help="only say what would go")
    return [forgetting, keeping]


def run(engine: Engine, options: argparse.Namespace) -> str:
    """Delete, and say what was deleted. BadInput, and nothing is, if one note cannot be."""
    now, dry = datetime.now(UTC), options.dry_run
    with unit_of_work(engine, write=not dry) as session:
        ids, reason = _chosen(session, options, now)
        if dry:
            return f"{_counted(ids)} would be deleted"
        for note_id in ids:
            tombstones.forget(session, note_id, by=_who(), reason=reason, at=now)
    return _done(engine, ids)


def _chosen(
    session: Session, options: argparse.Namespace, now: datetime
) -> tuple[Sequence[int], str]:
    if options.command == "forget":
        return [_numbered(session, each) for each in dict.fromkeys(options.notes)], options.reason
    days = retention.days(options.days)
    found = retention.due(session, before=retention.since(now, days))
    return found, f"kept for {days} days after it was finished"


def _numbered(session: Session, said: str) -> int:
    note = notes.get(session, int(said)) if said.isdecimal() else notes.named(session, said)
    if note is None:
        raise BadInput("there is no note of that name; name its number")
    tombstones.refuse(session, note.id)
    return note.id


def _done(engine: Engine, ids: Sequence[int]) -> str:
    """Also without a note: what an earlier run had to leave in the log goes now."""
    whole = scrub(engine, tombstones.TABLES)
    said = [f"{_counted(ids)} deleted", *([RUNNING] if ids else []), *([] if whole else [LEFT])]
    return "\n".join(said)


def _counted(ids: Sequence[int]) -> str:
    named = f" ({', '.join(map(str, ids))})" if ids else ""
    return f"{len(ids)} note{'' if len(ids) == 1 else 's'}{named}"


def _who() -> str:
    return f"{getpass.getuser()}, command line"
