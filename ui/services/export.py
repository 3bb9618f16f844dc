"""Export: the coders' decisions as a file to download, and what will be in it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from core.types import CodeSystem
from db import counting, unit_of_work
from db.counting import Counts
from db.export import TABLES, TEXTS, Export, Format, Written, write
from db.export.masking import can_mask
from db.export.records import LIMITS
from db.feedback import Progress
from db.kinds import DECIDED, Filter, Kind, days

__all__ = [
    "DECIDED",
    "LIMITS",
    "TABLES",
    "TEXTS",
    "Choices",
    "Counts",
    "Export",
    "Exporting",
    "Filter",
    "Format",
    "Kind",
    "Prepared",
    "Progress",
    "days",
]

_ENDINGS = {
    Format.CSV: "csv",
    Format.XLSX: "xlsx",
    Format.JSONL: "jsonl",
    Format.PARQUET: "parquet",
    Format.FHIR: "json",
    Format.MIMIC3: "zip",
    Format.MIMIC4: "zip",
    Format.CORPUS: "jsonl",
    Format.FEEDBACK: "jsonl",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What there is to filter by."""

    coders: tuple[str, ...]
    systems: tuple[CodeSystem, ...]
    checkpoints: dict[str, str]  # hash -> name
    can_deidentify: bool


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A file that is ready to be downloaded."""

    export: Export  # what was asked for
    name: str
    content: bytes
    written: Written


@dataclass(frozen=True, kw_only=True)
class Exporting:
    """Decisions out, as files."""

    engine: Engine
    now: Callable[[], datetime]

    def choices(self) -> Choices:
        """The coders, code systems and checkpoints that decisions know."""
        with unit_of_work(self.engine, write=False) as session:
            found = counting.occurring(session)
        return Choices(
            coders=found.coders,
            systems=found.systems,
            checkpoints=dict(found.checkpoints),
            can_deidentify=can_mask(),
        )

    def preview(self, export: Export) -> Counts:
        """Count what the file would hold, without writing it."""
        with unit_of_work(self.engine, write=False) as session:
            if export.format is Format.CORPUS:
                return counting.corpus_counts(session)
            if export.format is Format.FEEDBACK:
                return counting.lesson_counts(session, where=export.where)
            return counting.counts(session, history=export.history, where=export.where)

    def file(self, export: Export, *, progress: Progress | None = None) -> Prepared:
        """Write the file. `progress` is told after each few hundred notes."""
        with tempfile.TemporaryFile() as file:
            with unit_of_work(self.engine, write=False) as session:
                written = write(session, file, export, at=self.now(), progress=progress)
            file.seek(0)
            content = file.read()
        stamp = self.now().strftime("%Y%m%d-%H%M%S")
        name = f"evicode-{export.format.value}-{stamp}.{_ENDINGS[export.format]}"
        return Prepared(export=export, name=name, content=content, written=written)
