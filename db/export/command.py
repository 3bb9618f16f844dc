"""`python -m db export`: its options, and what it does with them."""

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.errors import BadSettings
from core.types import CodeSystem
from db import counting
from db.engine import unit_of_work
from db.export.request import Export, Format
from db.export.saving import save
from db.kinds import DECIDED, Filter, Kind, days

_KINDS = tuple(kind for kind in Kind if kind is not Kind.TAKEN_BACK)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for on the command line."""
    parser.add_argument("--format", type=Format, choices=tuple(Format), required=True)
    parser.add_argument("--out", type=Path, help="file to write, or to replace")
    parser.add_argument("--count", action="store_true", help="say how many codes, write nothing")
    _content(parser.add_argument_group("what a row holds"))
    _filters(parser.add_argument_group("which codes (default: decided on in finished charts)"))


def asked(options: argparse.Namespace) -> Export:
    """The export these options ask for; BadSettings if they contradict one another."""
    if options.out is None and not options.count:
        raise BadSettings("name the file to write with --out, or ask for the --count alone")
    where = Filter(
        **days(options.since, options.until),
        coder=options.coder,
        finished=not options.all_charts,
        systems=frozenset(map(CodeSystem.parse, options.system)),
        kinds=frozenset(options.kind) or DECIDED,
        checkpoint=options.checkpoint,
    )
    if options.format is Format.CORPUS and where != Filter():
        raise BadSettings("a corpus holds finished charts with all their codes; leave filters out")
    return Export(
        format=options.format,
        text=options.text,
        quotes=options.quotes,
        history=options.history,
        deidentified=options.deidentify,
        where=where,
    )


def run(engine: Engine, export: Export, options: argparse.Namespace) -> str:
    """Count or write; what was done, for people."""
    return _count(engine, export) if options.count else _save(engine, options.out, export)


def _count(engine: Engine, export: Export) -> str:
    with unit_of_work(engine, write=False) as session:
        if export.format is Format.CORPUS:
            return f"{counting.finished_charts(session)} finished charts"
        if export.format is Format.FEEDBACK:
            return str(counting.lesson_counts(session, where=export.where))
        return str(counting.counts(session, history=export.history, where=export.where))


def _save(engine: Engine, out: Path, export: Export) -> str:
    progress = _progress if sys.stderr.isatty() else None
    done = save(engine, out, export, at=datetime.now(UTC), progress=progress)
    message = f"{done.records} records written to {out}"
    if done.left_out:
        message += f"; {done.left_out} codes have no place in {export.format} and are left out"
    return message


def _progress(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done:,} of {total:,} notes" + ("\n" if done >= total else ""))


def _content(group: argparse._ArgumentGroup) -> None:
    for name, what in {
        "--text": "also the text of each note",
        "--quotes": "also the words that evidence points at",
        "--history": "also what was overruled or taken back, and retracts",
        "--deidentify": "blank what patterns find (assistive; names are not found)",
    }.items():
        group.add_argument(name, action="store_true", help=what)


def _filters(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--all-charts", action="store_true", help="also charts not finished")
    group.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="from this UTC day")
    group.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="up to this one")
    group.add_argument("--coder", help="decided by this coder")
    group.add_argument("--system", action="append", default=[], help="of this code system")
    group.add_argument(
        "--kind", action="append", default=[], type=Kind, choices=_KINDS, help="of this kind"
    )
    group.add_argument("--checkpoint", metavar="HASH", help="beside a list of this checkpoint")
