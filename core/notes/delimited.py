"""CSV and TSV to rows: `,`, `;` or TAB between the cells, quotation marks as RFC 4180 has them.

After a broken quotation mark nobody can tell where a note ends, so nothing further is read, and the
last row says so.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress

from core.errors import BadFile, BadNote
from core.notes.limits import Limits
from core.notes.tables import Chosen, Row, Table, columns_of, pick

DELIMITERS = (",", ";", "\t")
LONGEST_HEADER = 1_000_000  # characters
BROKEN = (
    'a quotation mark in it is not closed, or not written twice ("") within a text; it and all '
    "after it were not read, so correct it and upload again"
)


def table(text: str, limits: Limits, chosen: Chosen) -> Table:
    """The table with the rows below the header; BadFile without the columns `id` and `text`."""
    if not text.strip():
        raise BadNote("there is no text in it; was the right file chosen?")
    # Python's own limit is below ours and one for the whole process: raise it, never lower it
    csv.field_size_limit(max(csv.field_size_limit(), limits.file_bytes))
    delimiter, header = _header(text, limits, chosen)
    if len(header) > limits.columns:
        raise BadFile(f"{len(header):,} columns are more than the {limits.columns:,} allowed")
    columns = columns_of(header, chosen)
    cells_of = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return Table(header=header, taken=columns, rows=_rows(cells_of, columns, len(header)))


def _header(text: str, limits: Limits, chosen: Chosen) -> tuple[str, list[str]]:
    """The delimiter that gives the columns, else the one that gives most; and the header."""
    tried = {}
    for delimiter in DELIMITERS:
        start = io.StringIO(text[:LONGEST_HEADER], newline="")
        cells_of = csv.reader(start, delimiter=delimiter, strict=True)
        try:
            tried[delimiter] = next(cells_of, [])
        except csv.Error:
            tried[delimiter] = []
        if len(tried[delimiter]) <= limits.columns:
            with suppress(BadFile):
                columns_of(tried[delimiter], chosen)
                return delimiter, tried[delimiter]
    best = max(DELIMITERS, key=lambda delimiter: len(tried[delimiter]))
    return best, tried[best]


def _rows(cells_of: Iterator[list[str]], columns: dict[str, int], width: int) -> Iterator[Row]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(cells_of)
        except StopIteration:
            return
        except csv.Error:
            yield number, BadFile(BROKEN)
            return
        if number == 1 or not any(cells):
            continue
        if len(cells) != width:
            yield (
                number,
                BadFile(
                    f"{len(cells)} columns where the header has {width}; put the text in quotation "
                    "marks if it holds the delimiter"
                ),
            )
            continue
        yield number, pick(columns, cells)
