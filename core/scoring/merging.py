"""From parts to the output: in order, one part at a time in memory, under its name when whole."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import ScoringStopped
from core.scoring.job import Job
from core.scoring.rows import SCHEMA, Row, line_of, read_part, table_of
from core.scoring.slices import Slice, is_parquet


@dataclass(frozen=True)
class Served:
    """What became of the notes."""

    served: int
    refused: tuple[tuple[int, str], ...]  # number of the line or row, and why


def merge(job: Job) -> Served:
    """Write the output of a job whose parts are all there, and remove them.

    BadFile if the input was changed meanwhile, ScoringStopped if a part cannot be read.
    """
    job.check_unchanged()
    served, refused = 0, list[tuple[int, str]]()
    draft = job.out.with_name(f".{job.out.name}.{os.getpid()}.draft")
    try:
        with ExitStack() as stack:
            put = _writer(draft, stack, parquet=is_parquet(job.out))
            for piece in job.slices():
                rows = _part(job, piece)
                refused += [(row["line"], row["problem"]) for row in rows if row["problem"]]
                kept = [row for row in rows if not row["problem"]]
                served += len(kept)
                put(kept)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(job.out)
    finally:
        draft.unlink(missing_ok=True)
    job.end()
    return Served(served, tuple(refused))


def _part(job: Job, piece: Slice) -> list[Row]:
    try:
        return read_part(job.part(piece))
    except (pa.ArrowException, FileNotFoundError):
        job.part(piece).unlink(missing_ok=True)
        raise ScoringStopped(
            f"part {piece.number} in {job.folder} was damaged and is deleted; repeat the command"
        ) from None


def _writer(path: Path, stack: ExitStack, *, parquet: bool) -> Callable[[list[Row]], None]:
    if parquet:
        tables = stack.enter_context(pq.ParquetWriter(path, SCHEMA))
        return lambda rows: tables.write_table(table_of(rows)) if rows else None
    lines = stack.enter_context(path.open("w", encoding="utf-8"))

    def put(rows: list[Row]) -> None:
        lines.writelines(map(line_of, rows))

    return put
