"""Excel workbooks (.xlsx) to rows: the first sheet that has the columns `id` and `text`."""

import io
from collections.abc import Iterator, Sequence

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from core.errors import BadFile
from core.notes.cells import cell_text
from core.notes.limits import Limits
from core.notes.tables import Chosen, Row, Table, columns_of, pick
from core.notes.zips import check_parts

LONGEST_CELL = 32_767  # characters; Excel cuts there
BLANK_ROWS = 1_000  # in a row; a sheet may claim a million
SHEETS = 50


def table(data: bytes, limits: Limits, chosen: Chosen) -> Table:
    """The table with the rows below the header; BadFile if no sheet has the columns."""
    check_parts(data, limits)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    refusal: BadFile | None = None
    for sheet in book.worksheets[:SHEETS]:
        sheet.reset_dimensions()  # what a sheet claims of its size is nobody's promise
        cells_of = sheet.iter_rows(values_only=True)
        header = [_cell(value) for value in next(cells_of, ())]
        try:
            if len(header) > limits.columns:
                raise BadFile(f"{len(header):,} columns are more than {limits.columns:,}")
            columns = columns_of(header, chosen)
        except BadFile as error:
            refusal = refusal or error
        else:
            return Table(header=header, taken=columns, rows=_rows(cells_of, columns))
    raise refusal or BadFile("there is no sheet in it; was it saved by Excel?")


def _rows(cells_of: Iterator[Sequence[object]], columns: dict[str, int]) -> Iterator[Row]:
    blank = 0
    for number, cells in enumerate(cells_of, start=2):
        values = pick(columns, [_cell(value) for value in cells])
        if not any(values.values()):
            blank += 1
            if blank > BLANK_ROWS:
                return
            continue
        blank = 0
        values = {"id": "", "text": ""} | values  # cells at the end of a row may be missing
        if len(values["text"]) >= LONGEST_CELL:
            yield (
                number,
                BadFile(
                    f"its text fills the {LONGEST_CELL:,} characters that an Excel cell holds: "
                    "it was cut; upload CSV or JSON lines instead"
                ),
            )
        else:
            yield number, values


def _cell(value: object) -> str:
    text = cell_text(value)
    return str(unescape(text)) if "_x" in text else text  # Excel writes a line end as _x000D_
