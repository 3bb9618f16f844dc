"""Figures as a CSV file that a spreadsheet cannot take for formulas."""

import csv
import io
from collections.abc import Mapping, Sequence

from db.cells import defuse

Columns = Mapping[str, Sequence[object]]  # heading -> cells, from above


def csv_file(columns: Columns) -> bytes:
    """UTF-8 with the mark that Excel needs, one line for each row; None is an empty cell."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    for cells in zip(*columns.values(), strict=True):
        writer.writerow(["" if cell is None else _cell(cell) for cell in cells])
    return file.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    return defuse(value) if isinstance(value, str) else str(value)
