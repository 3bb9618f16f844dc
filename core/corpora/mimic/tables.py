"""MIMIC's tables as they lie on disk: CSV or CSV.GZ, streamed, and no row lost in silence.

Python's own csv reader, because it is exact on quoted line breaks, gives every row its number and
needs a few megabytes. pyarrow is faster, but is no dependency of core (docs/benchmarks/mimic.md).
"""

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from tqdm import tqdm

from core.errors import BadFile

EVERY = 2_000  # rows between two steps of the progress bar
MOST_CHARACTERS = 50_000_000  # of a field: an unclosed quotation mark must not fill the memory
NAMED = 1_000  # malformed rows named one by one; all are counted
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_NUMBER = re.compile(r"\s*(\d+)(?:\.0*)?\s*")  # 145834, or 145834.0 where a tool wrote a float


@dataclass(kw_only=True)
class Log:
    """What was read, and what was left out and why; messages name file and row, never a text."""

    rows: Counter[str] = field(default_factory=Counter)  # file -> rows read, the header not counted
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)  # (file, reason) -> rows
    malformed: list[str] = field(default_factory=list)  # the first rows nobody could read
    notes: list[str] = field(default_factory=list)  # the first rows not used as they stand

    def drop(self, path: Path, reason: str) -> None:
        """Count a row that is well formed and not used."""
        self.dropped[path.name, reason] += 1

    def refuse(self, path: Path, row: int, kind: str, said: str = "", *, rows: int = 1) -> None:
        """Count malformed rows under their kind, and name the first of them."""
        self.dropped[path.name, kind] += rows
        if len(self.malformed) < NAMED:
            self.malformed.append(f"{path.name}, row {row:,}: {said or kind}")

    def note(self, path: Path, row: int, said: str) -> None:
        """Name a row that was used, but not as it stands."""
        if len(self.notes) < NAMED:
            self.notes.append(f"{path.name}, row {row:,}: {said}")


def find(name: str, folders: Sequence[Path]) -> Path:
    """The table `name`, .csv or .csv.gz in any case, in the first folder that holds it."""
    for folder in folders:
        there = {path.name.lower(): path for path in folder.iterdir()} if folder.is_dir() else {}
        for ending in (".csv", ".csv.gz"):
            if name + ending in there:
                return there[name + ending]
    looked = ", ".join(str(folder) for folder in folders)
    raise BadFile(f"there is no {name.upper()}.csv or .csv.gz in {looked}; is this MIMIC's folder?")


def rows(path: Path, columns: Sequence[str], log: Log) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(row number, the cells of two or more `columns`) of every row; the header is row 1.

    Column names may have any case. A row with too few or too many fields is refused and the rest
    goes on. BadFile for a missing column, a wrong delimiter, broken quotation or a cut .gz.
    """
    # one for the whole process, so it is never lowered; Python's default is below a long note
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CHARACTERS))
    number = 1
    with _opened(path) as (lines, move):
        reader = csv.reader(lines, strict=True)
        try:
            header = [cell.strip().lower() for cell in next(reader, [])]
            pick = itemgetter(*_places(path, header, columns))
            for cells in reader:
                if not cells:  # an empty line, as at the end of some files
                    continue
                number += 1
                if number % EVERY == 0:
                    move()
                if len(cells) == len(header):
                    yield number, pick(cells)
                else:
                    fields = f"line {reader.line_num:,} ends a row of {len(cells)} fields where"
                    said = f"{fields} the header has {len(header)}"
                    log.refuse(path, number, "wrong number of fields", said)
        except csv.Error as error:
            raise BadFile(
                f"{path.name}, row {number + 1:,} (line {reader.line_num:,}): broken quotation "
                f"({error}); from here on nobody can tell where a row ends: fetch the file again"
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadFile(
                f"{path.name}, after row {number:,}: the .gz is cut short or damaged ({error}); "
                "fetch it again"
            ) from None
        finally:
            log.rows[path.name] += number - 1


def whole_number(cell: str) -> int | None:
    """An identifier as a number; None if it is none."""
    found = _NUMBER.fullmatch(cell)
    return int(found[1]) if found else None


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    missing = [column for column in columns if column not in header]
    if not missing:
        return [header.index(column) for column in columns]
    if len(header) == 1:
        for delimiter, name in DELIMITERS.items():
            if delimiter in header[0]:
                raise BadFile(
                    f"{path.name}, row 1: its columns ({missing[0].upper()} ..) are parted by "
                    f"{name}; save it as CSV with commas"
                )
    # a file without a header begins with a row, which may hold a note's words
    shown = ", ".join(n if _NAME.fullmatch(n) else "…" for n in header[:15]) or "nothing"
    raise BadFile(
        f"{path.name}, row 1: no column {' and no '.join(m.upper() for m in missing)}; "
        f"the header has {shown}"
    )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[io.TextIOWrapper, Callable[[], None]]]:
    """The text of a file, and a function that moves the progress bar to where reading is."""
    size = path.stat().st_size
    shown = {"unit": "B", "unit_scale": True, "desc": path.name, "disable": None, "leave": False}
    with path.open("rb") as raw, tqdm(total=size, **shown) as bar:
        unpacked = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
        # bytes that are not UTF-8 become surrogates: `readable` makes letters of them
        text = io.TextIOWrapper(
            unpacked, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        yield text, lambda: bar.update(raw.tell() - bar.n)


def readable(text: str) -> str:
    """The text, with every byte that is not UTF-8 read as Latin-1."""
    if text.isascii():
        return text
    return re.sub(r"[\udc80-\udcff]", lambda found: chr(ord(found[0]) - 0xDC00), text)
