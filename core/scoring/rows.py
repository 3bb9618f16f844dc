"""Suggestions as rows of a file: what a line of JSON or a row of Parquet says of a note."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.types import Suggestion, Suggestions

Row = dict[str, Any]  # Any: plain JSON

_SPAN = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("score", pa.float64())])
_SUGGESTION = pa.struct(
    [
        ("system", pa.string()),
        ("code", pa.string()),
        ("title", pa.string()),
        ("probability", pa.float64()),
        ("source", pa.string()),
        ("provenance", pa.string()),
        ("contexts", pa.list_(pa.string())),
        ("evidence", pa.list_(_SPAN)),
    ]
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("checkpoint", pa.string()),
        ("memory", pa.string()),
        ("truncated_at", pa.int64()),
        ("suggestions", pa.list_(_SUGGESTION)),
    ]
)
# A part knows besides: whether the id was a number, and what could not be read.
PART = pa.schema([*SCHEMA, ("numeric", pa.bool_()), ("line", pa.int64()), ("problem", pa.string())])


def as_json(answer: Suggestions) -> Row:
    """One line of the output, as the README promises it."""
    return {
        "id": answer.note_id,
        "checkpoint": answer.checkpoint,
        "memory": answer.memory,
        "truncated_at": answer.truncated_at,
        "suggestions": [_suggestion(suggestion) for suggestion in answer.ranked],
    }


def write_part(path: Path, rows: Iterable[Row]) -> None:
    """Write a part, all of it or nothing; who writes it again writes the same."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        pq.write_table(pa.Table.from_pylist(list(rows), schema=PART), draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_part(path: Path) -> list[Row]:
    """The rows of a part, in order."""
    rows: list[Row] = pq.read_table(path, schema=PART).to_pylist()
    return rows


def line_of(row: Row) -> str:
    """A row of a part as a line of JSON, with the id as it was given."""
    kept = {name: row[name] for name in SCHEMA.names}
    return json.dumps(kept | ({"id": int(row["id"])} if row["numeric"] else {})) + "\n"


def table_of(rows: Iterable[Row]) -> pa.Table:
    """Rows of parts as they stand in a Parquet output; ids are strings."""
    kept = [{name: row[name] for name in SCHEMA.names} for row in rows]
    return pa.Table.from_pylist(kept, schema=SCHEMA)


def _suggestion(suggestion: Suggestion) -> Row:
    return {
        "system": suggestion.code.system.value,
        "code": suggestion.code.code,
        "title": suggestion.title,
        "probability": suggestion.probability,
        "source": suggestion.source,
        "provenance": suggestion.provenance,
        "contexts": [context.value for context in suggestion.contexts],
        "evidence": [
            {"start": span.start, "end": span.end, "score": span.score}
            for span in suggestion.evidence
        ],
    }
