"""CSV, JSONL and Parquet: one row a code, streamed, in the same columns."""

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from db.cells import defuse
from db.export.records import columns, record, utc
from db.export.request import Export, Written
from db.feedback import Feedback

_BATCH = 2_000  # rows of a Parquet row group; with the text of each, some 10 MB
_SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32())])
_SCORED = pa.struct([*_SPAN, ("score", pa.float64())])
_TYPES = {
    "sequence": pa.int32(),
    "stands": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "score": pa.float64(),
    "rank": pa.int32(),
    "contexts": pa.list_(pa.string()),
    "evidence": pa.list_(_SCORED),
    "evidence_text": pa.list_(pa.string()),
    "marked": pa.list_(_SPAN),
    "marked_text": pa.list_(pa.string()),
    "replaces": pa.int32(),
}


def write_csv(rows: Iterator[Feedback], file: BinaryIO, export: Export, _at: datetime) -> Written:
    """UTF-8; lists are JSON; no cell starts like a formula (see `db.cells`)."""
    wanted = columns(export)
    writer = csv.writer(codecs.getwriter("utf-8")(file))
    writer.writerow(wanted)
    written = 0
    for row in rows:
        writer.writerow([defuse(cell(value)) for value in record(row, wanted).values()])
        written += 1
    return Written(records=written)


def write_jsonl(rows: Iterator[Feedback], file: BinaryIO, export: Export, _at: datetime) -> Written:
    """One JSON object a line."""
    wanted = columns(export)
    return write_lines(file, ({**record(row, wanted), "time": utc(row.time)} for row in rows))


def write_lines(file: BinaryIO, records: Iterable[dict[str, object]]) -> Written:
    """JSON in ASCII, because some readers break lines at U+0085 and U+2028 too."""
    written = 0
    for each in records:
        file.write(json.dumps(each).encode() + b"\n")
        written += 1
    return Written(records=written)


def write_parquet(
    rows: Iterator[Feedback], file: BinaryIO, export: Export, _at: datetime
) -> Written:
    """Typed columns; spans are structs of start, end (and score)."""
    wanted = columns(export)
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in wanted])
    written = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            values = [_typed(record(row, wanted)) for row in batch]
            writer.write_table(pa.Table.from_pylist(values, schema=schema))
            written += len(batch)
    return Written(records=written)


def cell(value: object) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc(value) or ""
    return json.dumps(value) if isinstance(value, list) else str(value)


def _typed(values: dict[str, object]) -> dict[str, object]:
    def spans(name: str, keys: Sequence[str]) -> list[dict[str, Any]]:  # Any: int or float
        found: Any = values[name]  # Any: lists of numbers, see records
        return [dict(zip(keys, each, strict=True)) for each in found]

    return {
        **values,
        "evidence": spans("evidence", ("start", "end", "score")),
        "marked": spans("marked", ("start", "end")),
    }
