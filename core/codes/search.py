"""Search over titles and inclusion terms: codes by their beginning, or words in any order.

What is tried, best first, until there are enough hits: the query said otherwise ("MI",
"infarto"); the code; its words, the last one perhaps unfinished; its words all cut short; and if
nothing fits, words of nearly the same spelling. Each step reads only the first rows it needs.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from core.codes.indexing import INDEXED, WORD, Phrase, build, table
from core.codes.keeping import Shelf
from core.codes.shorthand import readings
from core.codes.spelling import folded, variants
from core.codes.writing import plain
from core.types import Code, CodeSystem

_CODE = re.compile(r"[a-z0-9]{2,7}")
_WORDS = 12  # of a query
_FEW = 4  # words at most that may all be unfinished
_MANY = 20  # words with one beginning
_SHORT = 4  # letters of a word that is more likely whole than not
_NEAR = 3  # words tried for a misspelled one
_SPELLINGS = 6  # of a query
_END = "~"  # comes after every letter and digit


@dataclass(frozen=True)
class Hit:
    """A code found, whether it may be reported as it is, and the phrase it was found by."""

    code: Code
    title: str
    billable: bool
    found_by: str


class Search:
    """Answers from an index. Not for several threads at once: `CodeTables` locks around it."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index

    @classmethod
    def over(cls, phrases: Callable[[], Iterable[Phrase]], *, shelf: Shelf) -> "Search":
        """The kept index of these phrases, or one made now: on the shelf, else in memory."""

        def make(path: Path) -> None:
            try:
                with closing(sqlite3.connect(path)) as index:
                    build(index, phrases())
            except sqlite3.OperationalError as error:  # a full disk: the shelf keeps nothing
                raise OSError(str(error)) from error

        kept = shelf.file("search.sqlite", make)
        index = None if kept is None else _opened(kept)
        if index is None:
            index = sqlite3.connect(":memory:", check_same_thread=False)
            build(index, phrases())
        return cls(index)

    def find(self, query: str, *, systems: Sequence[CodeSystem], limit: int) -> list[Hit]:
        """Up to `limit` codes, one row each: those that begin with the query, then by words."""
        found: dict[Code, Hit] = {}
        for hit in self._hits(query, systems, limit):
            found.setdefault(hit.code, hit)
            if len(found) == limit:
                break
        return list(found.values())

    def _hits(self, query: str, systems: Sequence[CodeSystem], limit: int) -> Iterator[Hit]:
        words = WORD.findall(folded(query))[:_WORDS]
        for asked in readings(words):
            yield from self._by_words(self._asked(asked), systems, limit * 4)
        yield from self._beginning(query, systems, limit)
        matched = False
        for way in self._ways(words):
            if matched and len(words) > _FEW:  # a whole title: what is like it is not wanted
                return
            for hit in self._by_words(way, systems, limit * 4):
                matched = True
                yield hit
        if words and not matched:
            for spelled in self._respelled(words):
                yield from self._by_words(self._asked(spelled), systems, limit * 4)

    def _ways(self, words: Sequence[str]) -> Iterator[str]:
        """The queries to try: the words as they are, the last one unfinished, then all of them.

        What no phrase can match is left out, as is a last letter after the first try: of words
        that begin with it there are too many.
        """
        whole = [self._is_word(word) for word in words]
        if words and all(whole):
            yield _all(map(_quoted, words))
        if len(words) > 1 and len(words[-1]) == 1:
            words, whole = words[:-1], whole[:-1]
        if words and all(whole[:-1]):
            yield self._asked(words)
        if 1 < len(words) <= _FEW:
            yield _all(
                _quoted(word) if known and len(word) < _SHORT else self._unfinished(word)
                for word, known in zip(words, whole, strict=True)
            )

    def _asked(self, words: Sequence[str]) -> str:
        """Words in any order, the last one perhaps unfinished, as FTS5 writes it."""
        return _all([*map(_quoted, words[:-1]), self._unfinished(words[-1])])

    def _unfinished(self, word: str) -> str:
        """A word or what begins with it; of single letters there are too many.

        A beginning of few words is written out: FTS5 reads the rows of whole words one by one, but
        has to gather all those of a beginning that its index does not hold.
        """
        if len(word) == 1:
            return _quoted(word)
        if len(word) > INDEXED:
            rows = self._index.execute(
                "SELECT word FROM vocabulary WHERE word >= ? AND word < ? LIMIT ?",
                (word, word + _END, _MANY),
            ).fetchall()
            if 0 < len(rows) < _MANY:
                return f"({' OR '.join(_quoted(found) for (found,) in rows)})"
        return f"{_quoted(word)}*"

    def _beginning(self, query: str, systems: Sequence[CodeSystem], limit: int) -> Iterator[Hit]:
        start = plain(query.strip().lower())
        if not (_CODE.fullmatch(start) and any(letter.isdigit() for letter in start)):
            return
        for system in systems:
            rows = self._index.execute(
                "SELECT code, title, billable FROM codes JOIN phrases USING (number) "
                "WHERE system = ? AND plain >= ? AND plain < ? ORDER BY plain LIMIT ?",
                (system, start, start + _END, limit),
            )
            for code, title, billable in rows.fetchall():
                yield Hit(Code(system, code), title, bool(billable), code)

    def _by_words(self, asked: str, systems: Sequence[CodeSystem], limit: int) -> Iterator[Hit]:
        numbers = sorted(
            (number, system)
            for system in systems
            for (number,) in self._index.execute(
                f"SELECT rowid FROM {table(system)}(?) ORDER BY rowid LIMIT ?",  # noqa: S608
                (asked, limit),
            )
        )
        for number, system in numbers:
            code, title, found_by, billable = self._index.execute(
                "SELECT code, title, found_by, billable FROM phrases WHERE number = ?", (number,)
            ).fetchone()
            yield Hit(Code(system, code), title, bool(billable), found_by or title)

    def _respelled(self, words: list[str]) -> Iterator[list[str]]:
        """The query with each word that begins no known one replaced by near ones."""
        choices = [[word] if self._is_known(word) else self._near(word) for word in words]
        said = (other for way in product(*choices) for other in [list(way), *readings(way)])
        yield from islice(said, _SPELLINGS)

    def _is_known(self, word: str) -> bool:
        """Whether a word stands for others, or is the beginning of one."""
        if any(True for _ in readings([word])):
            return True
        found = self._index.execute(
            "SELECT 1 FROM vocabulary WHERE word >= ? AND word < ? LIMIT 1", (word, word + _END)
        )
        return found.fetchone() is not None

    def _is_word(self, word: str) -> bool:
        found = self._index.execute("SELECT 1 FROM vocabulary WHERE word = ?", (word,))
        return found.fetchone() is not None

    def _near(self, word: str) -> list[str]:
        """Known words near to one, those that share its skeleton first, then the most common."""
        mine = list(variants(word))
        marks = ", ".join("?" * len(mine))
        rows = self._index.execute(
            f"SELECT word, phrases, max(variant >= '{_END}') FROM near "  # noqa: S608
            f"JOIN vocabulary USING (word) WHERE variant IN ({marks}) GROUP BY word",
            mine,
        ).fetchall()
        best = sorted(rows, key=lambda row: (-row[2], word[0] != row[0][0], -row[1]))
        return [found for found, _, _ in best[:_NEAR]] or [word]


def _opened(path: Path) -> sqlite3.Connection | None:
    """A kept index; a damaged one is removed, so that the next start makes another."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    index = sqlite3.connect(address, uri=True, check_same_thread=False)
    try:
        index.execute("SELECT 1 FROM phrases, codes, vocabulary, near LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        index.close()
        path.unlink(missing_ok=True)
        return None
    return index


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _quoted(word: str) -> str:
    return f'"{word}"'
