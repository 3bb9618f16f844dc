"""The codes of every admission, dotted, each once; leading zeros that a tool lost are put back."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.codes.writing import normalise, plain
from core.corpora.mimic.tables import Log, readable, rows, whole_number
from core.errors import UnknownCode, quoted
from core.types import Code, CodeSystem

LONGEST = {CodeSystem.ICD9CM: 5, CodeSystem.ICD9PROC: 4}  # systems whose codes may begin with 0


@dataclass(frozen=True, kw_only=True)
class CodeTable:
    """A table of codes: what its column is called, of which system its codes are."""

    path: Path
    system: CodeSystem
    column: str = "icd_code"
    version: str | None = None  # of the rows wanted, where the column icd_version tells


@dataclass(kw_only=True)
class Raw:
    """Codes as a table writes them."""

    of: dict[int, list[str]] = field(default_factory=dict)  # admission -> its codes, as written
    rows: Counter[str] = field(default_factory=Counter)  # code as written -> rows
    first: dict[str, int] = field(default_factory=dict)  # code as written -> its first row
    elsewhere: set[int] = field(default_factory=set)  # admissions coded in the other version


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the codes of a table, as written, stand for."""

    codes: Mapping[str, Code]
    restored: tuple[str, ...]  # codes that had lost zeros
    ambiguous: tuple[str, ...]  # codes that may have: several readings exist; kept as written


def read_codes(table: CodeTable, log: Log) -> tuple[dict[int, list[Code]], Written, set[int]]:
    """(admission -> codes, what was written how, admissions coded in the other version).

    Rows without a code or an admission are counted in `log`, and so are repeated codes.
    """
    raw = _raw(table, log)
    written = spelt(raw.first, table.system)
    for cell, row in raw.first.items():
        if cell not in written.codes:
            said = f"{quoted(cell)} is not written like a code of {table.system}"
            log.refuse(table.path, row, "not written like a code", said, rows=raw.rows[cell])
    coded: dict[int, list[Code]] = {}
    for admission, cells in raw.of.items():
        codes = [written.codes[cell] for cell in cells if cell in written.codes]
        distinct = list(dict.fromkeys(codes))
        log.dropped[table.path.name, "code stands twice for an admission"] += len(codes) - len(
            distinct
        )
        if distinct:
            coded[admission] = distinct
    return coded, written, raw.elsewhere


def read_titles(table: CodeTable, log: Log) -> dict[Code, str]:
    """The titles a D_ICD table gives to codes."""
    columns = (table.column, "long_title", *(("icd_version",) if table.version else ()))
    found: dict[str, str] = {}
    for _, (cell, title, *version) in rows(table.path, columns, log):
        if cell.strip() and version in ([], [table.version]):
            found.setdefault(plain(cell.strip().upper()), readable(title).strip())
    written = spelt(found, table.system)
    return {code: found[cell] for cell, code in written.codes.items()}


def spelt(cells: Iterable[str], system: CodeSystem) -> Written:
    """Dot the codes of a column, and put back leading zeros if all were lost.

    A tool that takes codes for numbers strips zeros from the whole column, so where any code begins
    with 0 none is touched. Otherwise a code gets the zeros with which alone a list knows it. One
    that is known in several ways (331: 33.1, or 03.31) stays as written, as CAML has it.
    """
    kept = list(cells)
    known = _known(system) if system in LONGEST else frozenset()
    lost = not any(cell.startswith("0") for cell in kept)
    restored, ambiguous, codes = [], [], {}
    for cell in kept:
        readings = _readings(cell, system, known) if lost else []
        wanted = readings[0] if len(readings) == 1 else cell
        if wanted != cell:
            restored.append(cell)
        elif len(readings) > 1:
            ambiguous.append(cell)
        try:
            codes[cell] = normalise(system, wanted)
        except UnknownCode:
            continue
    return Written(codes=codes, restored=tuple(restored), ambiguous=tuple(ambiguous))


def _raw(table: CodeTable, log: Log) -> Raw:
    raw = Raw()
    columns = ("hadm_id", table.column, *(("icd_version",) if table.version else ()))
    for row, (hadm, cell, *version) in rows(table.path, columns, log):
        admission = whole_number(hadm)
        code = plain(cell.strip().upper())
        if admission is None:
            if hadm.strip():
                log.refuse(table.path, row, "HADM_ID is not a number")
            else:
                log.drop(table.path, "no HADM_ID")
        elif not code:
            log.drop(table.path, "no code")
        elif version and version[0].strip() != table.version:
            raw.elsewhere.add(admission)
            log.drop(table.path, f"not ICD-{table.version}")
        else:
            code = sys.intern(code)
            raw.of.setdefault(admission, []).append(code)
            raw.rows[code] += 1
            raw.first.setdefault(code, row)
    return raw


def _known(system: CodeSystem) -> frozenset[str]:
    from core.codes import sources  # its package takes a second to load

    return frozenset(sources.icd9proc() if system is CodeSystem.ICD9PROC else sources.icd9cm())


def _readings(cell: str, system: CodeSystem, known: frozenset[str]) -> list[str]:
    """The code with no, one, two .. zeros before it, as far as a list knows it so."""
    lengths = range(len(cell), LONGEST.get(system, 0) + 1)
    return [padded for length in lengths if (padded := cell.zfill(length)) in known]
