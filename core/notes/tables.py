"""CSV with the columns id and text (any case, `,` or `;` between them, others ignored) to notes.

Rows count as in a spreadsheet: the header is row 1. A row that cannot be used is a problem and the
rest goes on, except for broken quotation marks: from there on nobody can tell where a note ends, so
nothing further is read, and the problem says so.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from core.errors import BadFile, BadInput, BadNote
from core.notes.limits import Limits, check_note
from core.notes.names import LONGEST, clean, told
from core.types import Note

DELIMITERS = (",", ";")
COLUMNS = ("id", "text")


def read_table(text: str, limits: Limits) -> tuple[list[Note], list[str]]:
    """Notes and problems, in the order of the rows; BadFile without the columns or any row."""
    # Python's own limit is below ours and one for the whole process: raise it, never lower it
    csv.field_size_limit(max(csv.field_size_limit(), limits.csv_bytes))
    delimiter, header = _header(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    notes: dict[str, tuple[int, Note]] = {}
    problems: list[str] = []
    seen = False
    for number, cells in _rows(rows, problems):
        if number == 1 or not any(cells):
            continue
        seen = True
        if len(notes) == limits.notes:
            problems.append(
                f"row {number:,} and all after it were not read: a file may hold {limits.notes:,} "
                "notes; split it"
            )
            break
        try:
            note = _note(cells, header, limits)
            if note.id in notes:
                raise BadInput(_repeats(note, *notes[note.id]))
            notes[note.id] = (number, note)
        except BadInput as error:
            problems.append(f"row {number:,}: {error}")
    if not seen and not problems:
        raise BadFile("there is a header but no row below it; add the notes and upload it again")
    return [note for _, note in notes.values()], problems


def _header(text: str) -> tuple[str, list[str]]:
    """The delimiter that gives the columns, and their names in lower case."""
    tried = {}
    for delimiter in DELIMITERS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            tried[delimiter] = [cell.strip().lower() for cell in next(rows, [])]
        except csv.Error:
            tried[delimiter] = []
        if all(tried[delimiter].count(column) == 1 for column in COLUMNS):
            return delimiter, tried[delimiter]
    found = max(tried.values(), key=len)
    doubled = [column for column in COLUMNS if found.count(column) > 1]
    if doubled:
        raise BadFile(f"column {doubled[0]!r} stands more than once; keep one of them")
    missing = " and ".join(column for column in COLUMNS if column not in found)
    raise BadFile(f"no column {missing}: the first row has {_described(found)}; name them id,text")


def _rows(rows: Iterator[list[str]], problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error:
            problems.append(
                f"row {number:,} and all after it were not read: a quotation mark in it is not "
                'closed, or not written twice ("") within a text; correct it and upload again'
            )
            return


def _note(cells: Sequence[str], header: Sequence[str], limits: Limits) -> Note:
    if len(cells) != len(header):
        raise BadFile(
            f"{len(cells)} columns where the header has {len(header)}; put the text in quotation "
            "marks if it holds the delimiter"
        )
    name, text = (cells[header.index(column)] for column in COLUMNS)
    identity = clean(name)
    if not identity:
        raise BadFile("the id is empty; give the note one")
    if len(identity) > LONGEST:
        raise BadFile(f"the id has {len(identity):,} characters; at most {LONGEST} are allowed")
    try:
        check_note(text, limits)
    except BadNote as error:
        raise BadNote(f"note {told(identity)}: {error}") from None
    return Note(id=identity, text=text)


def _repeats(note: Note, first_row: int, first: Note) -> str:
    what = "with the same text" if note.text == first.text else "with another text"
    return f"id {told(note.id)} stands in row {first_row:,} already, {what}; the first was kept"


def _described(columns: Sequence[str]) -> str:
    """Column names for a message; what may be a note's words is counted, not shown."""
    shown = [
        told(name) if re.fullmatch(r"\w+([ _.-]\w+){0,2}", name) and len(name) <= 30 else "…"
        for name in columns[:12]
    ]
    return ", ".join(shown) + (f" and {len(columns) - 12} more" if len(columns) > 12 else "")
