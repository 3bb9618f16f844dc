"""Export: the coders' decisions as a file to download, and what will be in it."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from db import feedback, unit_of_work
from db.export import Export, Format, write

__all__ = ["Export", "Exporting", "Format", "Preview"]

_ENDINGS = {Format.CSV: "csv", Format.JSONL: "jsonl", Format.CORPUS: "jsonl"}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an export would hold."""

    decisions: dict[str, int]  # standing decisions by action
    notes: int  # that carry any
    finished: int  # charts that go into a corpus


@dataclass(frozen=True, kw_only=True)
class Exporting:
    """Decisions out, as files."""

    engine: Engine
    now: Callable[[], datetime]

    def preview(self) -> Preview:
        """Count what stands now."""
        with unit_of_work(self.engine, write=False) as session:
            standing = [(row.note_id, row.decision) for row in feedback.decided(session)]
            finished = sum(1 for _ in feedback.coded_notes(session))
        counts = Counter(decision.value for _, decision in standing)
        return Preview(
            decisions=dict(counts), notes=len({note for note, _ in standing}), finished=finished
        )

    def file(self, export: Export) -> tuple[str, bytes, int]:
        """File name, content (UTF-8) and number of records."""
        buffer = io.StringIO(newline="")
        with unit_of_work(self.engine, write=False) as session:
            records = write(session, buffer, export)
        stamp = self.now().strftime("%Y%m%d-%H%M%S")
        name = f"evicode-{export.format.value}-{stamp}.{_ENDINGS[export.format]}"
        return name, buffer.getvalue().encode(), records
