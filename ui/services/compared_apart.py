"""The process that compares two models, so that coders do not wait for it.

It is asked by a line of JSON on standard input and answers in lines: how far it is, at last the
comparison or why there is none. It ends when whoever asked is gone. Nothing it says holds words of
a note.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.comparing import Comparison, compare, of_corpus, of_lessons
from core.corpora import Lesson, held_out, load
from core.errors import BadInput, EvicodeError
from core.inference import Coder
from core.types import Code, Note
from db import connect, lessons, phrases, unit_of_work
from ui.services.candidates import loaded

Json = dict[str, Any]  # Any: plain JSON
Taught = tuple[Note, frozenset[Code]]


def main() -> None:
    """Answer the one request on standard input."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_whoever_asked, daemon=True).start()
    with suppress(OSError, AttributeError):
        os.nice(10)  # coders come first
    try:
        _say({"found": compared(request, told=lambda share: _say({"share": share})).to_json()})
    except EvicodeError as error:
        _say({"problem": str(error)})


def compared(request: Json, *, told: Callable[[float], None]) -> Comparison:
    """The comparison that was asked for. Raises what goes wrong with models, notes or corpus."""
    a, b = (loaded(Path(folder), checkpoint) for folder, checkpoint in request["models"])
    engine = connect(request["database"], create=False)
    known = _taught(engine, (a, b))
    if request["corpus"] is None:
        if not known:
            raise BadInput(
                "no note that is held out has a decision yet; about every fifth note is held out"
            )
        cases, number = of_lessons(_held_out(engine)), known
    else:
        name, folder = request["corpus"]
        corpus = load(name, Path(folder), split="dev")
        cases, number = of_corpus(corpus.notes), len(corpus.notes)
    return compare(a, b, cases, progress=lambda done: told(done / number))


def _taught(engine: Engine, coders: Iterable[Coder]) -> int:
    """Both know the same decisions, and none on a note they may be compared on; how many such."""
    taught: list[Taught] = []
    kept = 0
    with unit_of_work(engine, write=False) as session:
        edits = phrases.edits(session)
        for each in lessons.every(session):
            if held_out(each.note.id):
                kept += 1
            else:
                taught.append((each.note, each.rejected))
    for coder in coders:
        coder.edit(edits)
        coder.learn_all(taught)
    return kept


def _held_out(engine: Engine) -> Iterator[Lesson]:
    with unit_of_work(engine, write=False) as session:
        for each in lessons.every(session):
            if held_out(each.note.id):
                yield Lesson(note=each.note, rejected=each.rejected)


def _end_with_whoever_asked() -> None:
    sys.stdin.read()
    os._exit(1)


def _say(said: Json) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
