"""Unlabelled text for vocabulary and word vectors: folders of .txt, or CSV with a text column."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from core.corpora.reading import text_of
from core.errors import BadFile

COLUMNS = ("text", "transcription", "note")


def unlabelled(path: Path) -> list[str]:
    """Every distinct text under `path`, in a fixed order; BadFile if there is none."""
    if path.is_dir():
        texts = [text_of(file) for file in sorted(path.rglob("*.txt"))]
    elif path.name.endswith((".csv", ".csv.gz")):
        texts = _texts(path)
    else:
        raise BadFile(f"{path} is neither a folder of .txt files nor a .csv or .csv.gz file")
    distinct = list(dict.fromkeys(text for text in texts if text.strip()))
    if not distinct:
        raise BadFile(f"{path} holds no text")
    return distinct


def _texts(path: Path) -> list[str]:
    try:
        return list(_column(path))
    except UnicodeDecodeError:
        raise BadFile(f"{path} is not UTF-8; save it as UTF-8") from None
    except (OSError, EOFError, csv.Error) as error:
        raise BadFile(f"{path} cannot be read: {error}") from None


def _column(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    csv.field_size_limit(2**31 - 1)  # one for the whole process; a note may pass Python's default
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        names = [name for name in rows.fieldnames or [] if name.lower() in COLUMNS]
        if not names:
            raise BadFile(f"{path} has the columns {rows.fieldnames}, none of {', '.join(COLUMNS)}")
        for row in rows:
            yield row[names[0]] or ""
