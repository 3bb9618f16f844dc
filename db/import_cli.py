"""`python -m db import`: finished charts from the lines that `db export --format corpus` writes.

Each line is one unit of work: all of its note is kept, or nothing. What was imported before is
there already and left out, so the same file can be imported again once its problems are mended.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.errors import BadFile, BadInput, BadNote
from core.types import Code, CodeSystem, Note
from db import charts, decisions, notes, users
from db.corpus_line import coded_note
from db.engine import unit_of_work
from db.records import Action, Draft, Turn
from db.tables import DecisionRow

_FORMAT = "corpus"  # what such notes say they were read as


class _Outcome(StrEnum):
    """What became of a line."""

    KEPT = "kept"
    RENAMED = "another note has its id, so a number was put behind it"
    THERE = "left out: its text is there already"
    DELETED = "left out: its text was deleted here"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said on the command line."""
    parser.add_argument("file", type=Path, help="JSON lines, as export --format corpus writes them")
    parser.add_argument("--coder", required=True, help="whose decisions the codes become")


def run(engine: Engine, options: argparse.Namespace) -> str:
    """Import line by line and count; BadFile with the counts if a line could not be used.

    What became of a line that was not simply kept goes to standard error, by its number.
    """
    with unit_of_work(engine, write=False) as session:
        coder, titles = _coder(session, options.coder), _titles(session)
    counts: Counter[str] = Counter()
    for number, line in _lines(options.file):
        try:
            note = coded_note(line)
        except BadNote as error:
            counts["bad"] += 1
            sys.stderr.write(f"line {number}: {error}\n")
            continue
        with unit_of_work(engine) as session:
            outcome = _keep(session, note, titles, coder=coder, source=options.file.name)
        there = outcome in (_Outcome.THERE, _Outcome.DELETED)
        counts.update({"there": 1} if there else {"notes": 1, "codes": len(note.annotations)})
        if outcome is not _Outcome.KEPT:
            sys.stderr.write(f"line {number}: {outcome}\n")
    return _said(counts)


def _keep(
    session: Session, note: Note, titles: Mapping[Code, str], *, coder: str, source: str
) -> _Outcome:
    """Keep a note as a chart that this coder coded by hand and finished."""
    at = datetime.now(UTC)
    added = notes.add(session, note, source=source, uploaded_by=coder, at=at, format=_FORMAT)
    if added.duplicate:
        return _Outcome.DELETED if added.note.deleted else _Outcome.THERE
    for annotation in note.annotations:
        draft = Draft(
            note_id=added.note.id,
            code=annotation.code,
            title=titles.get(annotation.code, ""),
            action=Action.ADD,
            coder=coder,
            token=str(uuid4()),
            evidence=annotation.evidence,
        )
        decisions.append(session, draft, seen=0, at=at)
    charts.record(session, added.note.id, Turn.FINISHED, coder=coder, at=at)
    return _Outcome.KEPT if added.note.name == note.id else _Outcome.RENAMED


def _titles(session: Session) -> Mapping[Code, str]:
    """What this database calls the codes it knows. Lines hold no titles, and db has no tables."""
    columns = (DecisionRow.system, DecisionRow.code, DecisionRow.title)
    named = session.execute(select(*columns).where(DecisionRow.title != "").distinct())
    return {Code(CodeSystem(row.system), row.code): row.title for row in named}


def _coder(session: Session, name: str) -> str:
    """The name as the coder's account spells it, if they have one; BadInput if it is none."""
    account = users.find(session, name)
    if account is not None:
        return account.name
    if not name.strip() or not name.isprintable():
        raise BadInput("the codes need a coder; name one with --coder")
    return name.strip()


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that hold anything, and their numbers from 1."""
    try:
        with path.open("rb") as file:
            yield from ((n, line) for n, line in enumerate(file, start=1) if line.strip())
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}); name another file") from error


def _said(counts: Counter[str]) -> str:
    done = (
        f"{counts['notes']} notes imported with {counts['codes']} codes, "
        f"{counts['there']} left out, {counts['bad']} lines not usable"
    )
    if counts["bad"]:
        raise BadFile(f"{done}; mend those lines and import the file again")
    return done
