"""CCS and CCSR categories of a corpus, one for each code, and what that one costs.

The papers give each code the first category that HCUP's file lists for it, drop a procedure that is
not listed, and count categories by their number alone, so that diagnosis category 54 and procedure
category 54 are one label: hence their 295, of 283 + 231. Here they are two.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.codes import CodeTables, sources, tables_with
from core.codes.writing import plain
from core.errors import BadFile
from core.types import Code, CodeSystem

PROCEDURES = "ccs_procedures.csv"  # in a corpus: code, category, title


@dataclass(frozen=True, kw_only=True)
class Categories:
    """Where categories come from, and what is to be said of the files they were given in."""

    tables: CodeTables
    listed: dict[CodeSystem, frozenset[str]]  # dotless codes that have a category of their own
    procedures: Path | None = None
    findings: tuple[str, ...] = ()

    def report(self, codes: Iterable[Code]) -> dict[str, object]:
        """How many codes have a category of their own, a heading's, or none."""
        own, heading, none, found = 0, [], [], set()
        for code in sorted(codes):
            category = self.tables.category(code)
            if category is None:
                none.append(str(code))
                continue
            found.add(category)
            if plain(code.code) in self.listed.get(code.system, ()):
                own += 1
            else:
                heading.append(str(code))
        systems = sorted({category.system for category in found})
        return {
            "categories": len(found),
            "by system": {s.value: sum(c.system is s for c in found) for s in systems},
            "counted by number alone": len({category.code for category in found}),
            "codes with a category of their own": own,
            "codes with their heading's category": heading,
            "codes without a category": none,
        }

    def write(self, folder: Path) -> None:
        """Lay the procedures' categories beside a corpus, so that every command uses them."""
        if self.procedures:
            with (folder / PROCEDURES).open("w", encoding="latin-1", newline="") as file:
                writer = csv.writer(file)
                titles, categories = sources.single_level(self.procedures)
                writer.writerows((code, c, titles[c]) for code, c in categories.items())


def read_categories(paths: Sequence[Path]) -> Categories:
    """Categories of the packages, and of HCUP's files where some are given.

    A file of diagnoses is compared with the package's, which is the same list of 2015. BadFile for
    a file that is neither of diagnoses nor of procedures of ICD-9, or two of one kind.
    """
    named: dict[CodeSystem, Path] = {}
    findings: list[str] = []
    for path in paths:
        rows = sources.single_level_rows(path)
        system = _system(path, [code for code, _, _ in rows])
        if system in named:
            raise BadFile(f"{path.name} and {named[system].name} are both of {system}; give one")
        named[system] = path
        findings += _several(path, rows)
        if system is CodeSystem.ICD9CM:
            findings += _differing(path)
    procedures = named.get(CodeSystem.ICD9PROC)
    if procedures is None:
        findings.append(
            "no file of procedures' categories was given (HCUP's $prref 2015.csv, --ccs): "
            "procedures of ICD-9 have no CCS category"
        )
    listed = {
        CodeSystem.ICD9CM: frozenset(sources.ccs()[1]),
        CodeSystem.ICD10CM: frozenset(sources.ccsr()),
        CodeSystem.ICD9PROC: frozenset(sources.single_level(procedures)[1] if procedures else ()),
    }
    return Categories(
        tables=tables_with(procedures),
        listed=listed,
        procedures=procedures,
        findings=tuple(findings),
    )


def _system(path: Path, codes: Sequence[str]) -> CodeSystem:
    """Which codes a file maps: diagnoses may have five characters, procedures four digits."""
    if all(code.isdigit() and len(code) <= 4 for code in codes if code):
        return CodeSystem.ICD9PROC
    if all(len(code) <= 5 and (code[:1] in "EV" or code.isdigit()) for code in codes):
        return CodeSystem.ICD9CM
    raise BadFile(
        f"{path.name} maps codes that are not ICD-9; give HCUP's $dxref 2015.csv or "
        "$prref 2015.csv (categories of ICD-10-CM, CCSR, come with Evicode)"
    )


def _several(path: Path, rows: Iterable[tuple[str, str, str]]) -> list[str]:
    of: dict[str, set[str]] = {}
    for code, category, _ in rows:
        of.setdefault(code, set()).add(category)
    several = sorted(code for code, categories in of.items() if len(categories) > 1)
    if not several:
        return [f"{path.name}: {len(of):,} codes, each with one category"]
    shown = ", ".join(several[:20])
    return [f"{path.name}: {len(several):,} codes with several categories, the first kept: {shown}"]


def _differing(path: Path) -> list[str]:
    given, ours = sources.single_level(path)[1], sources.ccs()[1]
    other = sorted(code for code, category in given.items() if code and ours.get(code) != category)
    if not other:
        return [f"{path.name}: the same categories as those that come with Evicode"]
    shown = ", ".join(other[:20])
    return [
        f"{path.name}: {len(other):,} codes differ from HCUP's list of 2015, which comes with "
        f"Evicode and is used: {shown}"
    ]
