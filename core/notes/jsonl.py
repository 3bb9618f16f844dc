"""JSON lines to rows: one object a line, `{"id": …, "text": …}`, keys named as columns are."""

import json
from collections.abc import Iterator

from core.errors import BadFile, BadInput, BadNote
from core.notes.cells import cell_text
from core.notes.limits import Limits
from core.notes.tables import Row, columns_of


def rows(text: str, limits: Limits) -> Iterator[Row]:
    """One row a line that is not blank."""
    if not text.strip():
        raise BadNote("there is no text in it; was the right file chosen?")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, _values(line, limits)
            except BadInput as error:
                yield number, error


def _values(line: str, limits: Limits) -> dict[str, str]:
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
    keys = list(found)
    columns = columns_of(keys, where="the object")
    return {ours: _cell(ours, found[keys[place]]) for ours, place in columns.items()}


def _cell(column: str, value: object) -> str:
    plain = str if column == "text" else str | int | float
    if value is None or (isinstance(value, plain) and not isinstance(value, bool)):
        return cell_text(value)
    raise BadFile(f"its {column!r} is {type(value).__name__}, not text")
