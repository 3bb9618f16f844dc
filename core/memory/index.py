"""Which of many phrases stand in a note, whole or in part, in whatever order.

A phrase is a set of stems. Its coverage in a sentence is the share of its weight (rare words weigh
more) that the sentence has: one sparse product for all phrases and sentences at once.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix

from core.memory.bridge import Bridge
from core.memory.cognates import WEIGHT as COGNATE
from core.memory.cognates import skeleton

FULL = 0.98  # coverage from which a phrase counts as found
LEAST_COVERAGE = 0.6  # of a phrase's weight, below which it is not there
MOST_IN_A_SENTENCE = 150  # phrases kept of a sentence, the fullest first
MOST_PLACES = 50  # sentences in which a phrase is looked up: a hostile note repeats itself
Key = tuple[str, ...]  # a phrase: distinct stems in order
Places = Sequence[tuple[int, float]]  # where a word stands, in order, and how surely it is meant
Hits = tuple[np.ndarray, np.ndarray, np.ndarray]  # sentences, phrases in them, their coverage
Weigh = Mapping[str, float]  # stem -> weight; rare stems weigh more


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a sentence: which words of the note stand for it."""

    phrase: int  # place among the index's keys
    coverage: float  # share of the phrase's weight that was found
    gap: int  # other content words between the first and the last
    words: tuple[int, ...]  # places among the note's content words


class Meanings:
    """What the stems of a language stand for among the stems of some indexes, and how surely."""

    def __init__(self, bridge: Bridge, language: str, *indexes: "PhraseIndex") -> None:
        self._bridge, self._language, self._indexes = bridge, language, indexes
        self._known: dict[str, list[tuple[str, float]]] = {}

    def __call__(self, stem: str) -> list[tuple[str, float]]:
        """Itself, its translations, and what is spelled alike, as far as a phrase holds it."""
        if (found := self._known.get(stem)) is None:
            meant = self._bridge.meanings(stem, self._language)
            bones = skeleton(stem)
            for spelled in (other for each in self._indexes for other in each.alike.get(bones, ())):
                meant[spelled] = max(COGNATE, meant.get(spelled, 0.0))
            found = [(to, sure) for to, sure in meant.items() if self._held(to)]
            self._known[stem] = found
        return found

    def _held(self, stem: str) -> bool:
        return any(each.holds(stem) for each in self._indexes)


class Sentences:
    """A note's content words, with what each may mean in the other language."""

    def __init__(self, words: Iterable[tuple[str, int]], meanings: Meanings) -> None:
        """words: of each content word, in order, its stem and the number of its sentence."""
        numbered: dict[int, dict[str, list[tuple[int, float]]]] = {}
        self.words = tuple(words)
        for place, (stem, sentence) in enumerate(self.words):
            here = numbered.setdefault(sentence, defaultdict(list))
            for meaning, weight in meanings(stem):
                here[meaning].append((place, weight))
        self.places = list(numbered.values())  # of each sentence: meaning -> (place, weight)


class PhraseIndex:
    """A fixed set of phrases; `find` is safe to call from many threads."""

    def __init__(self, keys: Sequence[Key], weight: Weigh, *, default: float) -> None:
        """weight: of each stem; `default` is the weight of a stem it does not hold."""
        self.keys = tuple(keys)
        self._weigh = weight, default
        flat = list(chain.from_iterable(self.keys))
        # In the order of the alphabet: a phrase's weights add up alike whatever else is indexed.
        self._row = {word: row for row, word in enumerate(sorted(set(flat)))}
        rows = np.fromiter(map(self._row.__getitem__, flat), dtype=np.int32, count=len(flat))
        each = np.array([weight.get(word, default) for word in self._row], dtype=np.float32)
        sizes = np.fromiter(map(len, self.keys), dtype=np.int64, count=len(self.keys))
        starts = np.concatenate([[0], np.cumsum(sizes)])
        weights = each[rows] if len(flat) else np.zeros(0, dtype=np.float32)
        self.mass = np.bincount(np.repeat(np.arange(len(sizes)), sizes), weights, len(sizes))
        shares = weights / np.repeat(self.mass, sizes)  # mass: total weight of each phrase
        by_phrase = csr_matrix(
            (shares.astype(np.float32), rows, starts), shape=(len(self.keys), len(self._row))
        )
        self._shares = by_phrase.T.tocsr()  # stems x phrases
        self.alike: dict[str, list[str]] = defaultdict(list)  # skeleton -> stems
        for word in self._row:
            if bones := skeleton(word):
                self.alike[bones].append(word)

    def __len__(self) -> int:
        return len(self.keys)

    def holds(self, stem: str) -> bool:
        """Whether a phrase holds this stem."""
        return stem in self._row

    def part(self, phrases: Iterable[int]) -> "PhraseIndex":
        """Some of the phrases by their places, weighed as here."""
        weight, default = self._weigh
        return PhraseIndex([self.keys[each] for each in phrases], weight, default=default)

    def find(self, sentences: Sentences, *, least: float = LEAST_COVERAGE) -> Iterator[Match]:
        """Every phrase that is covered well enough, at its tightest place in each sentence."""
        found, _ = search(self, [sentences], least=least)
        return (match for _, match in found)

    def hits(self, sentences: Sequence[Mapping[str, Places]], least: float) -> Hits:
        """Where a sentence has enough of a phrase's weight."""
        columns: list[int] = []
        weights: list[float] = []
        ends = [0]
        for places in sentences:
            for meaning, here in places.items():
                row = self._row.get(meaning)
                if row is not None:
                    columns.append(row)
                    one = len(here) == 1
                    weights.append(here[0][1] if one else max(weight for _, weight in here))
            ends.append(len(columns))
        data = np.array(weights, dtype=np.float32), np.array(columns, dtype=np.int32), ends
        has = csr_matrix(data, shape=(len(sentences), len(self._row)))
        has.sort_indices()
        coverage = (has @ self._shares).tocsr()
        enough = np.flatnonzero(coverage.data >= least)
        rows = np.repeat(np.arange(len(sentences)), np.diff(coverage.indptr))[enough]
        return rows, coverage.indices[enough], coverage.data[enough]


class Searched(Protocol):
    """What `search` asks of an index."""

    @property
    def keys(self) -> Sequence[Key]: ...

    @property
    def mass(self) -> np.ndarray: ...

    def hits(self, sentences: Sequence[Mapping[str, Places]], least: float) -> Hits: ...


def search(
    index: Searched, notes: Sequence[Sentences], *, least: float
) -> tuple[Iterator[tuple[int, Match]], list[int]]:
    """What stands in each of many notes, and how many phrases the fullest sentence of each holds.

    One product for all of the notes. Found phrases come with the number of their note.
    """
    sentences = [(number, places) for number, note in enumerate(notes) for places in note.places]
    rows, phrases, found = index.hits([places for _, places in sentences], least)
    order = np.lexsort((phrases, rows))
    rows, phrases, found = rows[order], phrases[order], found[order]
    ends = np.searchsorted(rows, np.arange(len(sentences) + 1))
    fullest = [0] * len(notes)
    for (number, _), count in zip(sentences, np.diff(ends).tolist(), strict=True):
        fullest[number] = max(fullest[number], count)
    return _matches(index, sentences, ends.tolist(), phrases, found), fullest


def _matches(
    index: Searched,
    sentences: Sequence[tuple[int, Mapping[str, Places]]],
    ends: Sequence[int],
    phrases: np.ndarray,
    found: np.ndarray,
) -> Iterator[tuple[int, Match]]:
    seen: Counter[tuple[int, int, bool]] = Counter()  # in part is counted apart from in full
    for row, (number, places) in enumerate(sentences):
        here, much = phrases[ends[row] : ends[row + 1]], found[ends[row] : ends[row + 1]]
        if len(here) > MOST_IN_A_SENTENCE:
            fullest = np.argsort(-much * np.sqrt(index.mass[here]), kind="stable")
            kept = fullest[:MOST_IN_A_SENTENCE]
            here, much = here[kept], much[kept]
        for phrase, covered in zip(here.tolist(), much.tolist(), strict=True):
            kind = number, phrase, covered < FULL
            seen[kind] += 1
            if seen[kind] <= MOST_PLACES:
                gap, words = _tightest(index.keys[phrase], places)
                yield number, Match(phrase, min(1.0, covered), gap, words)


def _tightest(key: Key, places: Mapping[str, Places]) -> tuple[int, tuple[int, ...]]:
    """The places nearest to those of the phrase's rarest word here; the smallest gap wins."""
    there = [word for word in key if word in places]
    if len(there) == 1:
        return 0, (places[there[0]][0][0],)
    anchor = min(there, key=lambda word: (len(places[word]), word))
    best: tuple[int, tuple[int, ...]] | None = None
    for middle, _ in places[anchor]:
        near = {middle, *(_nearest(places[word], middle) for word in there if word != anchor)}
        words = tuple(sorted(near))
        gap = words[-1] - words[0] + 1 - len(words)
        if best is None or gap < best[0]:
            best = gap, words
        if gap == 0:
            break
    assert best is not None  # noqa: S101 - the anchor stands somewhere
    return best


def _nearest(places: Places, middle: int) -> int:
    """The nearest place; of two as near the surer, then the first."""
    right = bisect_left(places, (middle, 0.0))
    around = places[max(0, right - 1) : right + 1]
    return min(around, key=lambda place: (abs(place[0] - middle), -place[1], place[0]))[0]
