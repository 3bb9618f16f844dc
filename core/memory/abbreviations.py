"""Titles as clinicians write them: "urinary tract infection" is also "UTI"."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import regex

from core.errors import BadFile

COMMON = 0.5  # share of an abbreviation's uses that a sense must have
LETTERS = range(2, 7)
_WORD = regex.compile(r"[\p{L}\d]+")
Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Abbreviations:
    """Senses by their first word, each with its abbreviations."""

    senses: Mapping[str, Mapping[Words, tuple[str, ...]]]

    def variants(self, text: str) -> list[str]:
        """The phrase with one sense abbreviated, once for each that it holds."""
        words = [match.group().lower() for match in _WORD.finditer(text)]
        found = []
        for start, word in enumerate(words):
            for sense, short in self.senses.get(word, {}).items():
                end = start + len(sense)
                if tuple(words[start:end]) == sense:
                    found += [" ".join([*words[:start], each, *words[end:]]) for each in short]
        return found


NO_ABBREVIATIONS = Abbreviations(senses={})


def read_abbreviations(path: Path) -> Abbreviations:
    """Read a table (or a folder of them) of abbreviation, sense and frequency, tab-separated."""
    tables = sorted(path.rglob("vanderbilt_*.txt")) if path.is_dir() else [path]
    if not tables:
        raise BadFile(f"{path} holds no table of abbreviations")
    senses: dict[str, dict[Words, set[str]]] = defaultdict(lambda: defaultdict(set))
    for table in tables:
        for short, sense in _rows(table):
            words = tuple(match.group().lower() for match in _WORD.finditer(sense))
            if len(words) > 1 and len(short) in LETTERS and short.isalpha():
                senses[words[0]][words].add(short.lower())
    return Abbreviations(
        senses={
            first: {words: tuple(sorted(short)) for words, short in of_first.items()}
            for first, of_first in senses.items()
        }
    )


def _rows(table: Path) -> Iterable[tuple[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not {"abbreviation", "sense", "frequency"} <= set(rows.fieldnames or ()):
            raise BadFile(f"{table} has no columns abbreviation, sense, frequency")
        for row in rows:
            try:
                common = float(row["frequency"]) >= COMMON
            except (TypeError, ValueError):
                continue
            if common and row["abbreviation"] and row["sense"]:
                yield row["abbreviation"], row["sense"]
