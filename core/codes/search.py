"""Search over titles and inclusion terms: codes by their beginning, or words in any order.

Every phrase (a title or an inclusion term) is one row of an SQLite FTS5 table, inserted in the
order in which hits are wanted, so that a query is answered by the first matching rows without
sorting. The order: phrases with fewest essential words first. As ICD has it, words in parentheses
and "unspecified", "NOS", "without ..." are not essential, so "pneumonia" finds "Pneumonia,
unspecified organism" before "Pneumonia due to streptococcus".
"""

import re
import sqlite3
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.codes.writing import plain
from core.types import Code, CodeSystem

_UNESSENTIAL = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|, unspecified\b.*$|^unspecified |\bnos\b|,? without .*$"
)
_CODE = re.compile(r"[a-z0-9]{2,7}")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Phrase:
    """Words under which a code can be found: its title, or a term included in it."""

    code: Code
    title: str
    text: str


@dataclass(frozen=True)
class Hit:
    """A code found, whether it may be reported as it is, and the phrase it was found by."""

    code: Code
    title: str
    billable: bool
    found_by: str


class Search:
    """An index in memory. Not for several threads at once: `CodeTables` locks around it."""

    def __init__(self, phrases: Iterable[Phrase], *, billable: Callable[[Code], bool]) -> None:
        self._billable = billable
        self._phrases = sorted(phrases, key=self._wanted)
        self._titles = {phrase.code: phrase.title for phrase in self._phrases}
        self._by_code: dict[CodeSystem, list[tuple[str, Code]]] = {}
        for code in self._titles:
            self._by_code.setdefault(code.system, []).append((plain(code.code).lower(), code))
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        for system, listed in self._by_code.items():
            listed.sort()
            self._fill(system)

    def find(self, query: str, *, systems: Sequence[CodeSystem], limit: int) -> list[Hit]:
        """Up to `limit` codes, one row each: those that begin with the query, then by words."""
        found: dict[Code, str] = {}
        for system in systems:
            for code in self._beginning(query, system, limit):
                found.setdefault(code, code.code)
        numbers = sorted(n for system in systems for n in self._by_words(query, system, limit * 4))
        for number in numbers:
            phrase = self._phrases[number]
            found.setdefault(phrase.code, phrase.text)
        return [
            Hit(code, self._titles[code], self._billable(code), text)
            for code, text in list(found.items())[:limit]
        ]

    def _beginning(self, query: str, system: CodeSystem, limit: int) -> list[Code]:
        start = plain(query.strip().lower())
        if not (_CODE.fullmatch(start) and any(letter.isdigit() for letter in start)):
            return []
        listed = self._by_code.get(system, [])
        first = bisect_left(listed, (start,))
        return [code for text, code in listed[first : first + limit] if text.startswith(start)]

    def _by_words(self, query: str, system: CodeSystem, limit: int) -> list[int]:
        words = [f'"{word}"' for word in _WORD.findall(_folded(query))[:12]]
        if not words or system not in self._by_code:
            return []
        # the last word may be unfinished; only if that finds little may every word be cut short
        found = self._match(" ".join(words) + "*", system, limit)
        return found if len(found) >= limit else self._match("* ".join(words) + "*", system, limit)

    def _match(self, asked: str, system: CodeSystem, limit: int) -> list[int]:
        rows = self._index.execute(
            f"SELECT rowid FROM {_table(system)} WHERE text MATCH ? ORDER BY rowid LIMIT ?",  # noqa: S608
            (asked, limit),
        )
        return [number for (number,) in rows]

    def _fill(self, system: CodeSystem) -> None:
        self._index.execute(
            f"CREATE VIRTUAL TABLE {_table(system)} USING fts5("
            "text, content='', prefix='2 3', tokenize='unicode61 remove_diacritics 2')"
        )
        rows = (
            (number, phrase.text)
            for number, phrase in enumerate(self._phrases)
            if phrase.code.system is system
        )
        self._index.executemany(
            f"INSERT INTO {_table(system)}(rowid, text) VALUES (?, ?)",  # noqa: S608
            rows,
        )

    def _wanted(self, phrase: Phrase) -> tuple[int, bool, bool, int, str]:
        essential = _WORD.findall(_UNESSENTIAL.sub(" ", phrase.text.lower()))
        return (
            max(len(essential), 1),
            not self._billable(phrase.code),
            phrase.text != phrase.title,
            len(phrase.text),
            phrase.code.code,
        )


def _table(system: CodeSystem) -> str:
    return "words_" + re.sub(r"\W", "_", system.lower())


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
