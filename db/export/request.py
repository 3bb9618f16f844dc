"""What is exported: in which format, which codes, with how much of the notes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from core.errors import BadSettings
from db.feedback import Feedback
from db.kinds import Filter


class Format(StrEnum):
    """What an export looks like; the value is also its name on the command line."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    PARQUET = "parquet"
    FHIR = "fhir"
    MIMIC3 = "mimic3"
    MIMIC4 = "mimic4"
    CORPUS = "corpus"
    FEEDBACK = "feedback"


TABLES = frozenset({Format.CSV, Format.XLSX, Format.JSONL, Format.PARQUET})  # a row a code
TEXTS = frozenset({Format.CORPUS, Format.FEEDBACK})  # a line a note, always with its text


@dataclass(frozen=True, kw_only=True)
class Export:
    """What to export; by default, the decisions that stand in finished charts.

    `text` adds the note's text, `quotes` the words that evidence points at, `history` the
    decisions that no longer stand and the retracts that took them back. `deidentified` blanks what
    patterns can find. A corpus always has its text, and whole charts, whatever `where` says.
    Feedback has its text too, and of each note the standing decisions that `where` asks for.
    """

    format: Format = Format.CSV
    text: bool = False
    quotes: bool = False
    history: bool = False
    deidentified: bool = False
    where: Filter = field(default_factory=Filter)

    def __post_init__(self) -> None:
        if self.history and self.format not in TABLES:
            raise BadSettings(
                f"{self.format} has no place for decisions that no longer stand; choose one of "
                f"{', '.join(sorted(TABLES))}, or leave the history out"
            )


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many records a file holds, and how many it has no place for."""

    records: int
    left_out: int = 0


Writer = Callable[[Iterator[Feedback], BinaryIO, Export, datetime], Written]
