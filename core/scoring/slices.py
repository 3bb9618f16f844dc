"""Slices of a file of notes: where they lie, and the notes in one of them.

A slice is read by whoever scores it, so notes never pass from process to process, and nobody
holds more of the file than one slice.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadFile, BadNote
from core.notes.limits import Limits
from core.types import Note

PARQUET = ".parquet"
LONGEST = Limits().characters  # as for an upload: what is longer is no note
BUFFER = 1 << 20  # bytes read at a time, where a column of a row group may have gigabytes
JSONL = ".jsonl"
COLUMNS = ("id", "text")


@dataclass(frozen=True)
class Slice:
    """Some notes in a row of the input; `first` counts lines or rows from 1."""

    number: int
    first: int
    count: int
    offset: int = 0  # bytes to the first line (JSONL); rows to the first of the group (Parquet)
    group: int = 0  # row group (Parquet)


@dataclass(frozen=True)
class Given:
    """A note as it was given, or why it cannot be read."""

    number: int  # of its line or row, from 1
    id: str | int | None = None
    note: Note | None = None
    problem: str = ""


def cut(path: Path, size: int) -> Iterator[Slice]:
    """All slices of a file, of `size` notes at most. BadFile if it is no file of notes."""
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give notes as JSON lines or Parquet (id, text)")
    return _cut_parquet(path, size) if is_parquet(path) else _cut_lines(path, size)


def is_parquet(path: Path) -> bool:
    """Whether a file is a table by its name; everything else is JSON lines."""
    return path.suffix.lower() == PARQUET


class Reader:
    """Reads slices of one file; quickest when they are asked for in order.

    Rows of a Parquet file can only be reached through those before them in their group, so the
    reader stays where it is and goes on from there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: Iterator[tuple[object, object]] = iter(())
        self._at = (-1, 0)  # row group, and the next row in it

    def read(self, piece: Slice) -> Iterator[Given]:
        """The notes of one slice, in order; empty lines are left out."""
        return self._read_rows(piece) if is_parquet(self._path) else self._lines(piece)

    def _lines(self, piece: Slice) -> Iterator[Given]:
        with self._path.open("rb") as file:
            file.seek(piece.offset)
            for number, line in enumerate(islice(file, piece.count), start=piece.first):
                if line.strip():
                    yield _line(number, line)

    def _read_rows(self, piece: Slice) -> Iterator[Given]:
        group, at = self._at
        if group != piece.group or at > piece.offset:
            self._rows, at = _rows(self._path, piece.group), 0
        wanted = list(islice(self._rows, piece.offset - at, piece.offset - at + piece.count))
        self._at = (piece.group, piece.offset + piece.count)
        for number, (given, text) in enumerate(wanted, start=piece.first):
            yield _given(number, given, text)


def _cut_lines(path: Path, size: int) -> Iterator[Slice]:
    number = count = start = 0
    first, place = 1, 0
    with path.open("rb") as file:
        for line in file:
            place += len(line)
            count += 1
            if count == size:
                yield Slice(number, first, count, start)
                number, first, count, start = number + 1, first + count, 0, place
    if count:
        yield Slice(number, first, count, start)


def _line(number: int, line: bytes) -> Given:
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Given(number, problem="not UTF-8; save the file as UTF-8")
    except (ValueError, RecursionError):
        return Given(number, problem="not JSON; a line is an object with id and text")
    if not isinstance(fields, dict) or not {"id", "text"} <= fields.keys():
        return Given(number, problem="not an object with id and text")
    return _given(number, fields["id"], fields["text"])


def _given(number: int, given: object, text: object) -> Given:
    if not isinstance(text, str) or not isinstance(given, str | int) or isinstance(given, bool):
        return Given(number, problem="id is not a string or number, or text is not a string")
    if len(text) > LONGEST:
        return Given(number, problem=f"{len(text):,} characters are more than {LONGEST:,}")
    if any("\ud800" <= sign <= "\udfff" for sign in f"{given}"):
        return Given(number, problem="the id holds half a character (a lone surrogate)")
    try:
        return Given(number, id=given, note=Note(id=str(given), text=text))
    except BadNote as error:
        return Given(number, id=given, problem=str(error))


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError):
        raise BadFile(f"{path} is not a readable Parquet file; write it anew") from None
    named = file.schema_arrow.names
    missing = [name for name in COLUMNS if name not in named]
    if missing:
        raise BadFile(f"{path} has no column {' and no column '.join(missing)}; name them so")
    if twice := [name for name in COLUMNS if named.count(name) > 1]:
        raise BadFile(f"{path} has two columns {twice[0]}; leave one of them")
    return file


def _cut_parquet(path: Path, size: int) -> Iterator[Slice]:
    with _parquet(path) as file:
        number, first = 0, 1
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            for offset in range(0, rows, size):
                count = min(size, rows - offset)
                yield Slice(number, first, count, offset, group)
                number, first = number + 1, first + count


def _rows(path: Path, group: int) -> Iterator[tuple[object, object]]:
    with _parquet(path) as file:
        try:
            batches = file.iter_batches(batch_size=64, row_groups=[group], columns=list(COLUMNS))
            for batch in batches:
                yield from zip(*(batch[name].to_pylist() for name in COLUMNS), strict=True)
        except (pa.ArrowException, OSError, UnicodeDecodeError):  # "from None": it may quote a note
            raise BadFile(f"{path} is damaged in row group {group}; write it anew") from None
