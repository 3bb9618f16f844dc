"""From the database to a file, whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadFile
from core.types import Note
from db import feedback
from db.engine import unit_of_work
from db.export.fhir import write_fhir
from db.export.masking import Mask, by_patterns, masked
from db.export.mimic import write_mimic
from db.export.request import Export, Format, Writer, Written
from db.export.sheet import write_xlsx
from db.export.tables import write_csv, write_jsonl, write_lines, write_parquet
from db.feedback import Progress

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
        anonymous = mask is not None
        notes = feedback.coded_notes(session, anonymous=anonymous, progress=progress)
        return write_lines(file, (_line(note, mask) for note in notes))
    rows = feedback.decided(
        session,
        text=export.text or export.quotes,
        history=export.history,
        where=export.where,
        progress=progress,
    )
    return _WRITERS[export.format](rows if mask is None else masked(rows, mask), file, export, at)


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
    """A finished chart as `core.corpora` reads it."""
    return {
        "id": note.id,
        "text": note.text if mask is None else mask(note.text),
        "codes": [
            {
                "system": annotation.code.system.value,
                "code": annotation.code.code,
                "evidence": [[span.start, span.end] for span in annotation.evidence],
            }
            for annotation in note.annotations
        ],
    }
