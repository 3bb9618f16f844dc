"""JSON lines to rows: one object a line, `{"id": …, "text": …}`, keys named as columns are."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from core.errors import BadFile, BadInput, BadNote
from core.notes.cells import cell_text
from core.notes.limits import Limits
from core.notes.tables import Chosen, Row, Table, columns_of


def table(text: str, limits: Limits, chosen: Chosen) -> Table:
    """The table, one row a line that is not blank; its header is that of the first object."""
    if not text.strip():
        raise BadNote("there is no text in it; was the right file chosen?")
    header, taken = list[str](), dict[str, int]()
    with suppress(BadInput):
        header = list(_object(next(line for line in text.split("\n") if line.strip()), limits))
        taken = columns_of(header, chosen)
    return Table(header=header, taken=taken, rows=_rows(text, limits, chosen))


def _rows(text: str, limits: Limits, chosen: Chosen) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _values(_object(line, limits), chosen)
            except BadInput as error:
                yield number, error


def _object(line: str, limits: Limits) -> dict[str, Any]:  # Any: JSON
    try:
        found = json.loads(line)
    except ValueError:  # "from None": the original error holds the line
        raise BadFile("it is not JSON; write one object a line") from None
    except RecursionError:
        raise BadFile("its JSON is nested too deeply; write one flat object a line") from None
    if not isinstance(found, dict):
        raise BadFile('it is not an object; write {"id": …, "text": …} on each line')
    if len(found) > limits.columns:
        raise BadFile(f"{len(found):,} keys are more than the {limits.columns:,} allowed")
    return found


def _values(found: dict[str, Any], chosen: Chosen) -> dict[str, str]:  # Any: JSON
    keys = list(found)
    columns = columns_of(keys, chosen, where="the object")
    return {ours: _cell(ours, found[keys[place]]) for ours, place in columns.items()}


def _cell(column: str, value: object) -> str:
    plain = str if column == "text" else str | int | float
    if value is None or (isinstance(value, plain) and not isinstance(value, bool)):
        return cell_text(value)
    raise BadFile(f"its {column!r} is {type(value).__name__}, not text")
