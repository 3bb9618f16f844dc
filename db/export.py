"""Feedback to files: CSV, JSONL, and the corpus JSONL that `core.corpora` reads back.

All text is UTF-8. The export is the only road from decisions back to training.
"""

import csv
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadFile
from core.types import Note
from db import feedback
from db.cells import defuse
from db.engine import unit_of_work
from db.feedback import Feedback


class Format(StrEnum):
    """What an export looks like; the value is also its name on the command line."""

    CSV = "csv"
    JSONL = "jsonl"
    CORPUS = "corpus"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What to export. `text` puts the note's text in place of its sha256; the corpus has it always.

    `history` adds decisions that no longer stand and the retracts that took them back.
    """

    format: Format = Format.CSV
    text: bool = False
    history: bool = False


def write(session: Session, file: TextIO, export: Export) -> int:
    """Stream an export to an open text file (opened with newline=""); the number of records."""
    if export.format is Format.CORPUS:
        return _write_lines(file, map(_corpus_line, feedback.coded_notes(session)))
    rows = feedback.decided(session, text=export.text, history=export.history)
    fields = (_fields(row, text=export.text) for row in rows)
    if export.format is Format.JSONL:
        return _write_lines(file, fields)
    return _write_csv(file, fields, text=export.text)


def save(engine: Engine, path: Path, export: Export) -> int:
    """Write an export to `path`, whole or not at all; the number of records."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix="~")
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    try:
        with (
            open(handle, "w", encoding="utf-8", newline="") as file,
            unit_of_work(engine, write=False) as session,
        ):
            records = write(session, file, export)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return records


def _fields(row: Feedback, *, text: bool) -> dict[str, object]:
    """One record in the order of its columns; JSON values."""
    return {
        "note_id": row.note_id,
        **({"text": row.text} if text else {"sha256": row.sha256}),
        "sequence": row.sequence,
        "system": row.code.system.value,
        "code": row.code.code,
        "title": row.title,
        "decision": row.decision.value,
        "reason": row.reason,
        "coder": row.coder,
        "time": row.time.astimezone(UTC).isoformat(timespec="microseconds"),
        "checkpoint": row.checkpoint,
        "memory": row.memory,
        "score": row.score,
        "rank": row.rank,
        "source": row.source,
        "provenance": row.provenance,
        "contexts": [context.value for context in row.contexts],
        "method": row.method,
        "evidence": [[span.start, span.end, span.score] for span in row.evidence],
        "marked": [[span.start, span.end] for span in row.marked],
        "replaces": row.replaces,
        "coding_pass": row.coding_pass.value,
    }


def _columns(*, text: bool) -> list[str]:
    note = "text" if text else "sha256"
    decision = (
        "sequence system code title decision reason coder time "
        "checkpoint memory score rank source provenance contexts method evidence marked replaces "
        "coding_pass"
    )
    return ["note_id", note, *decision.split()]


def _write_csv(file: TextIO, records: Iterator[dict[str, object]], *, text: bool) -> int:
    writer = csv.DictWriter(file, _columns(text=text))
    writer.writeheader()
    written = 0
    for record in records:
        writer.writerow({name: defuse(_cell(value)) for name, value in record.items()})
        written += 1
    return written


def _cell(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, list) else str(value)


def _write_lines(file: TextIO, records: Iterator[dict[str, object]]) -> int:
    written = 0
    for record in records:
        # ASCII, because some readers break lines at U+0085 and U+2028 too
        file.write(json.dumps(record) + "\n")
        written += 1
    return written


def _corpus_line(note: Note) -> dict[str, object]:
    return {
        "id": note.id,
        "text": note.text,
        "codes": [
            {
                "system": annotation.code.system.value,
                "code": annotation.code.code,
                "evidence": [[span.start, span.end] for span in annotation.evidence],
            }
            for annotation in note.annotations
        ],
    }
