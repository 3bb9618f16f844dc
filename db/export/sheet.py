"""XLSX: one row a code, and the notes on a sheet of their own. For reading; others are exact.

Text stays text: a cell that looks like a formula is a string with Excel's own mark for one. What
the format cannot hold is replaced (control characters) or cut (text over 32,767 characters).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from core.errors import BadInput
from db.cells import defuse
from db.export.records import columns, record, utc
from db.export.request import Export, Written
from db.feedback import Feedback

_LONGEST = 32_767  # characters of a cell
_MOST = 1_048_575  # rows of a sheet, under its header
_NOTE = ("note_id", "sha256", "characters", "text")


def write_xlsx(rows: Iterator[Feedback], file: BinaryIO, export: Export, _at: datetime) -> Written:
    """The sheet `codes`, and with the text of notes the sheet `notes`."""
    wanted = [name for name in columns(export) if name != "text"]
    book = Workbook(write_only=True)
    codes = _sheet(book, "codes", wanted)
    notes = _sheet(book, "notes", _NOTE) if export.text else None
    written, last = 0, None
    for row in rows:
        if written == _MOST:
            raise BadInput(f"a sheet holds {_MOST:,} rows; choose CSV or Parquet, or a filter")
        _append(codes, record(row, wanted).values())
        written += 1
        if notes is not None and row.note != last:
            _append(notes, (row.note_id, row.sha256, len(row.text or ""), row.text))
            last = row.note
    book.save(file)
    return Written(records=written)


def _sheet(book: Workbook, title: str, header: Sequence[str]) -> WriteOnlyWorksheet:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(header))
    return sheet


def _append(sheet: WriteOnlyWorksheet, values: Iterable[object]) -> None:
    sheet.append([_cell(sheet, value) for value in values])


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return utc(value)
    text = json.dumps(value) if isinstance(value, list) else str(value)
    text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST]
    if defuse(text) == text:
        return text
    quoted = WriteOnlyCell(sheet, text)
    quoted.data_type = "s"  # openpyxl takes a leading = for a formula
    quoted.quotePrefix = True
    return quoted
