"""The index that `search` reads: one SQLite file of phrases, words and near spellings.

Phrases are numbered in the order in which hits are wanted, so that a query is answered by the
first matching rows without sorting. The order: fewest essential words first. As ICD has it, words
in parentheses and "unspecified", "NOS", "without ..." are not essential, so "pneumonia" finds
"Pneumonia, unspecified organism" before "Pneumonia due to streptococcus". Among equals, codes that
may be reported come before headings.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from core.codes.spelling import variants
from core.codes.writing import plain
from core.types import Code, CodeSystem

INDEXED = 3  # letters of a word's beginning, at most, that the index holds
WORD = re.compile(r"[^\W_]+")
_UNESSENTIAL = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|, (?:unspecified|[\w ]*not specified)\b.*$"
    r"|^unspecified |\bnos\b|,? without .*$"
)
_TABLES = """
CREATE TABLE phrases(number INTEGER PRIMARY KEY, code TEXT, title TEXT, found_by TEXT,
                     billable INTEGER);
CREATE TABLE codes(system TEXT, plain TEXT, number INTEGER,
                   PRIMARY KEY (system, plain)) WITHOUT ROWID;
CREATE TABLE vocabulary(word TEXT PRIMARY KEY, phrases INTEGER) WITHOUT ROWID;
CREATE TABLE near(variant TEXT, word TEXT, PRIMARY KEY (variant, word)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Phrase:
    """Words under which a code can be found: its title, or a term included in it."""

    code: Code
    title: str
    text: str
    billable: bool


def build(index: sqlite3.Connection, phrases: Iterable[Phrase]) -> None:
    """Fill an empty database with the index of these phrases."""
    wanted = sorted(phrases, key=_wanted)
    index.executescript(_TABLES)
    index.executemany(
        "INSERT INTO phrases VALUES (?, ?, ?, ?, ?)",
        (
            (number, each.code.code, each.title, _other(each), each.billable)
            for number, each in enumerate(wanted)
        ),
    )
    index.executemany(
        "INSERT OR IGNORE INTO codes VALUES (?, ?, ?)",
        (
            (each.code.system, plain(each.code.code).lower(), number)
            for number, each in enumerate(wanted)
        ),
    )
    for system in CodeSystem:
        rows = ((n, each.text) for n, each in enumerate(wanted) if each.code.system is system)
        _fill(index, system, rows)
    words = index.execute("SELECT word FROM vocabulary").fetchall()
    index.executemany(
        "INSERT OR IGNORE INTO near VALUES (?, ?)",
        ((variant, word) for (word,) in words for variant in variants(word)),
    )
    index.commit()


def table(system: CodeSystem) -> str:
    """The name of a system's table of words."""
    return "words_" + re.sub(r"\W", "_", system.lower())


def _fill(index: sqlite3.Connection, system: CodeSystem, rows: Iterable[tuple[int, str]]) -> None:
    index.execute(
        f"CREATE VIRTUAL TABLE {table(system)} USING fts5(text, content='', detail=none, "
        "columnsize=0, prefix='2 3', tokenize='unicode61 remove_diacritics 2')"
    )
    index.executemany(f"INSERT INTO {table(system)}(rowid, text) VALUES (?, ?)", rows)  # noqa: S608
    index.execute(f"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, {table(system)}, row)")
    index.execute(
        "INSERT INTO vocabulary SELECT term, doc FROM temp.terms WHERE true "
        "ON CONFLICT (word) DO UPDATE SET phrases = phrases + excluded.phrases"
    )
    index.execute("DROP TABLE temp.terms")


def _other(phrase: Phrase) -> str | None:
    return None if phrase.text == phrase.title else phrase.text


def _wanted(phrase: Phrase) -> tuple[int, bool, bool, int, str]:
    essential = WORD.findall(_UNESSENTIAL.sub(" ", phrase.text.lower()))
    return (
        max(len(essential), 1),
        not phrase.billable,
        phrase.text != phrase.title,
        len(phrase.text),
        phrase.code.code,
    )
