"""Texts on codes: what the code tables call them, or what a user supplies for them."""

import csv
from pathlib import Path

from core.codes import CodeTables
from core.codes.writing import normalise
from core.errors import BadFile, EvicodeError
from core.types import Code, CodeSystem

COLUMNS = ("system", "code", "text")


def text_of(tables: CodeTables, code: Code, *, inclusion_terms: bool = False) -> str:
    """The title of a code, then its inclusion terms; empty where no table knows the code."""
    parts = [tables.title(code) or ""]
    if inclusion_terms and code.system is CodeSystem.ICD10CM:
        for kind in ("inclusion_term", "includes"):
            parts += tables.icd10cm.notes(code.code, kind)
    return "; ".join(parts)


def read_texts(path: Path) -> dict[Code, str]:
    """Read a CSV (UTF-8) with the columns system, code, text; the rows of a code are put together.

    BadFile names the row and what is wrong with it.
    """
    found: dict[Code, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise BadFile(f"{path} has no column {missing[0]!r}; give {','.join(COLUMNS)}")
            for row in rows:
                code, text = _entry(path, rows.line_num, row)
                found[code] = f"{found[code]} {text}" if code in found else text
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    return found


def _entry(path: Path, line: int, row: dict[str, str | None]) -> tuple[Code, str]:
    system, written, text = ((row[name] or "").strip() for name in COLUMNS)
    try:
        code = normalise(CodeSystem.parse(system), written)
    except EvicodeError as error:
        raise BadFile(f"{path}, line {line}: {error}") from error
    if not text:
        raise BadFile(f"{path}, line {line}: {code} has no text; leave the row out")
    return code, text
