"""From the database to a file, whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadFile
from core.types import Code, Note
from db import counting, feedback
from db.engine import unit_of_work
from db.export.fhir import write_fhir
from db.export.masking import Mask, by_patterns, masked
from db.export.mimic import write_mimic
from db.export.records import LIMITS
from db.export.request import Export, Format, Writer, Written
from db.export.sheet import write_xlsx
from db.export.tables import write_csv, write_jsonl, write_lines, write_parquet
from db.feedback import Progress
from db.kinds import Filter
from db.lessons import every
from db.records import Lesson

_TOLD = 200  # notes between two tellings of progress
_WRITERS: Mapping[Format, Writer] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
    Format.JSONL: write_jsonl,
    Format.PARQUET: write_parquet,
    Format.FHIR: write_fhir,
    Format.MIMIC3: write_mimic,
    Format.MIMIC4: write_mimic,
}


def write(
    session: Session,
    file: BinaryIO,
    export: Export,
    *,
    at: datetime,
    progress: Progress | None = None,
) -> Written:
    """Stream an export to a file opened for writing bytes. `progress` counts notes."""
    mask = by_patterns() if export.deidentified else None
    if export.format is Format.CORPUS:
        return write_corpus(session, file, mask=mask, progress=progress)
    if export.format is Format.FEEDBACK:
        return write_feedback(session, file, where=export.where, mask=mask, progress=progress)
    rows = feedback.decided(
        session,
        text=export.text or export.quotes,
        history=export.history,
        where=export.where,
        progress=progress,
    )
    return _WRITERS[export.format](rows if mask is None else masked(rows, mask), file, export, at)


def write_corpus(
    session: Session,
    file: BinaryIO,
    *,
    mask: Mask | None = None,
    wanted: Callable[[Note], bool] = lambda _: True,
    progress: Progress | None = None,
) -> Written:
    """Finished charts, a line each, as `core.corpora` reads them. `wanted`: which notes."""
    notes = feedback.coded_notes(session, anonymous=mask is not None, progress=progress)
    return write_lines(file, (_line(note, mask) for note in notes if wanted(note)))


def write_feedback(
    session: Session,
    file: BinaryIO,
    *,
    where: Filter,
    mask: Mask | None = None,
    wanted: Callable[[Note], bool] = lambda _: True,
    progress: Progress | None = None,
) -> Written:
    """What coders decided, a line a note, as `core.corpora.read_feedback` reads it.

    Accepted and added codes stand in `codes`, rejected ones in `rejected`; of all others nothing
    is known. `wanted`: which notes; by default all on which a decision stands.
    """
    total = counting.lesson_counts(session, where=where).notes if progress is not None else 0
    lessons = every(session, where=where, anonymous=mask is not None)
    limits = {} if mask is None else {"deidentified": LIMITS}

    def lines() -> Iterator[dict[str, object]]:
        for done, lesson in enumerate(lessons, start=1):
            if wanted(lesson.note):
                yield _line(lesson.note, mask) | {"rejected": _rejected(lesson)} | limits
            if progress is not None and (done % _TOLD == 0 or done == total):
                progress(done, total)

    return write_lines(file, lines())


def save(
    engine: Engine,
    path: Path,
    export: Export,
    *,
    at: datetime,
    progress: Progress | None = None,
) -> Written:
    """Write an export to `path`, whole or not at all."""
    with (
        whole(path) as file,
        unit_of_work(engine, write=False) as session,
    ):
        return write(session, file, export, at=at, progress=progress)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place at `path` once all of it is on the disk."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix="~")
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _line(note: Note, mask: Mask | None) -> dict[str, object]:
    """A note as `core.corpora` reads it: each code once, with all that was marked for it."""
    marked: dict[Code, list[list[int]]] = {}
    for annotation in note.annotations:
        spans = [[span.start, span.end] for span in annotation.evidence]
        marked.setdefault(annotation.code, []).extend(spans)
    return {
        "id": note.id,
        "text": note.text if mask is None else mask(note.text),
        "codes": [_code(code) | {"evidence": evidence} for code, evidence in marked.items()],
    }


def _rejected(lesson: Lesson) -> list[dict[str, object]]:
    return [_code(code) for code in sorted(lesson.rejected)]


def _code(code: Code) -> dict[str, object]:
    return {"system": code.system.value, "code": code.code}
