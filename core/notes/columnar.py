"""Parquet to rows. What the file says of its size is checked first, then the memory limit holds."""

from collections.abc import Iterator

import pyarrow
import pyarrow.parquet

from core.errors import BadFile
from core.notes.cells import cell_text
from core.notes.limits import Limits
from core.notes.tables import Chosen, Row, Table, columns_of

AT_ONCE = 64  # rows unpacked together


def table(data: bytes, limits: Limits, chosen: Chosen) -> Table:
    """The table, its rows counted from 1; BadFile without the columns or with too many."""
    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
    header = file.schema_arrow.names
    if len(header) > limits.columns:
        raise BadFile(f"{len(header):,} columns are more than the {limits.columns:,} allowed")
    columns = columns_of(header, chosen)
    for place in columns.values():
        _check_type(file.schema_arrow.field(place))
    names = {ours: header[place] for ours, place in columns.items()}
    return Table(header=header, taken=columns, rows=_rows(file, names))


def _rows(file: "pyarrow.parquet.ParquetFile", columns: dict[str, str]) -> Iterator[Row]:
    number = 0
    batches = file.iter_batches(AT_ONCE, columns=sorted(set(columns.values())), use_threads=False)
    for batch in batches:
        cells = {ours: batch.column(theirs) for ours, theirs in columns.items()}
        for place in range(batch.num_rows):
            number += 1
            yield number, {ours: cell_text(column[place].as_py()) for ours, column in cells.items()}


def _check_type(field: "pyarrow.Field") -> None:
    kind = field.type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    if pyarrow.types.is_nested(kind) or pyarrow.types.is_binary(kind):
        raise BadFile(f"column {field.name!r} holds {kind}, not text; write it as strings")
