"""One record a code: the columns that CSV, XLSX, JSONL and Parquet have in common."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from core.types import Evidence, Span
from db.export.request import Export
from db.feedback import Feedback

LIMITS = (
    "patterns only, assistive: e-mail and web addresses, telephone numbers, dates written in "
    "digits, and some identity numbers; names, places, ages and dates in words are not found"
)

COLUMNS = (
    *("note_id", "external_id", "encounter_id", "patient_id", "sha256", "text", "chart"),
    *("sequence", "kind", "stands", "system", "code", "title", "decision", "reason", "coder"),
    *("time", "checkpoint", "memory", "score", "rank", "source", "provenance", "contexts"),
    *("method", "evidence", "evidence_text", "marked", "marked_text", "replaces", "coding_pass"),
    "deidentified",
)


def columns(export: Export) -> list[str]:
    """The columns of this export, in order."""
    absent = {
        *(() if export.text else ("text",)),
        *(() if export.quotes else ("evidence_text", "marked_text")),
        *(() if export.deidentified else ("deidentified",)),
    }
    return [name for name in COLUMNS if name not in absent]


def record(row: Feedback, wanted: Iterable[str]) -> dict[str, object]:
    """One row as JSON values, but for its time."""
    return {name: _value(row, name) for name in wanted}


def utc(time: datetime | None) -> str | None:
    """A time as text, to the microsecond."""
    return None if time is None else time.astimezone(UTC).isoformat(timespec="microseconds")


def quotes(text: str | None, spans: Sequence[Span | Evidence]) -> list[str]:
    """The words that these spans point at."""
    return [] if text is None else [text[span.start : span.end] for span in spans]


def _value(row: Feedback, name: str) -> object:
    match name:
        case "external_id" | "encounter_id" | "patient_id":
            return getattr(row.identity, name.removesuffix("_id"))
        case "chart":
            return "finished" if row.finished else "not finished"
        case "system":
            return row.code.system.value
        case "code":
            return row.code.code
        case "contexts":
            return [context.value for context in row.contexts]
        case "evidence":
            return [[span.start, span.end, span.score] for span in row.evidence]
        case "marked":
            return [[span.start, span.end] for span in row.marked]
        case "evidence_text":
            return quotes(row.text, row.evidence)
        case "marked_text":
            return quotes(row.text, row.marked)
        case "kind" | "decision" | "coding_pass":
            value = getattr(row, name)
            return None if value is None else value.value
        case "deidentified":
            return LIMITS
    return getattr(row, name)
