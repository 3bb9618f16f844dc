"""Which of many phrases stand in a note, whole or in part, in whatever order.

A phrase is a set of stems. Its coverage in a sentence is the share of its weight (rare words weigh
more) that the sentence has: one sparse product for all phrases and sentences at once.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.sparse import csr_matrix

from core.memory.bridge import Bridge
from core.memory.cognates import WEIGHT as COGNATE
from core.memory.cognates import skeleton
from core.memory.words import Word

FULL = 0.98  # coverage from which a phrase counts as found
LEAST_COVERAGE = 0.6  # of a phrase's weight, below which it is not there
MOST_IN_A_SENTENCE = 150  # phrases kept of a sentence, the fullest first
MOST_PLACES = 50  # sentences in which a phrase is looked up: a hostile note repeats itself
Key = tuple[str, ...]  # a phrase: distinct stems in order
Places = Sequence[tuple[int, float]]  # where a word stands, in order, and how surely it is meant
Weigh = Mapping[str, float]  # stem -> weight; rare stems weigh more


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a sentence: which words of the note stand for it."""

    phrase: int  # place among the index's keys
    coverage: float  # share of the phrase's weight that was found
    gap: int  # other content words between the first and the last
    words: tuple[int, ...]  # places among the note's content words


class Sentences:
    """A note's content words, with what each may mean in the other language."""

    def __init__(
        self,
        words: Sequence[Word],
        bridge: Bridge,
        language: str,
        *,
        alike: Sequence[Mapping[str, Sequence[str]]] = (),
    ) -> None:
        """alike: of each index, the stems that are spelled alike (`PhraseIndex.alike`)."""
        self.words = words
        numbered: dict[int, dict[str, list[tuple[int, float]]]] = {}
        for place, word in enumerate(words):
            here = numbered.setdefault(word.sentence, defaultdict(list))
            meanings = bridge.meanings(word.stem, language)
            bones = skeleton(word.stem)
            for spelled in (other for each in alike for other in each.get(bones, ())):
                meanings[spelled] = max(COGNATE, meanings.get(spelled, 0.0))
            for meaning, weight in meanings.items():
                here[meaning].append((place, weight))
        self.places = list(numbered.values())  # of each sentence: meaning -> (place, weight)


class PhraseIndex:
    """A fixed set of phrases; `find` is safe to call from many threads."""

    def __init__(self, keys: Sequence[Key], weight: Weigh, *, default: float) -> None:
        """weight: of each stem; `default` is the weight of a stem it does not hold."""
        self.keys = tuple(keys)
        flat = list(chain.from_iterable(self.keys))
        self._row = {word: row for row, word in enumerate(dict.fromkeys(flat))}
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

    def find(self, sentences: Sentences, *, least: float = LEAST_COVERAGE) -> Iterator[Match]:
        """Every phrase that is covered well enough, at its tightest place in each sentence."""
        if not self.keys:
            return
        coverage = self._coverage(sentences)
        seen: Counter[tuple[int, bool]] = Counter()  # in part is counted apart from in full
        for number, places in enumerate(sentences.places):
            start, end = coverage.indptr[number], coverage.indptr[number + 1]
            found, phrases = coverage.data[start:end], coverage.indices[start:end]
            for at in self._best(found, phrases, least):
                phrase = int(phrases[at])
                kind = phrase, bool(found[at] < FULL)
                seen[kind] += 1
                if seen[kind] > MOST_PLACES:
                    continue
                gap, words = _tightest(self.keys[phrase], places)
                yield Match(phrase, min(1.0, float(found[at])), gap, words)

    def _coverage(self, sentences: Sentences) -> csr_matrix:
        rows, columns, weights = [], [], []
        for number, places in enumerate(sentences.places):
            for meaning, here in places.items():
                row = self._row.get(meaning)
                if row is not None:
                    rows.append(number)
                    columns.append(row)
                    weights.append(max(weight for _, weight in here))
        shape = (len(sentences.places), len(self._row))
        has = csr_matrix((np.array(weights, dtype=np.float32), (rows, columns)), shape=shape)
        return (has @ self._shares).tocsr()

    def _best(self, found: np.ndarray, phrases: np.ndarray, least: float) -> np.ndarray:
        enough = np.flatnonzero(found >= least)
        if len(enough) > MOST_IN_A_SENTENCE:
            fullest = np.argsort(
                -found[enough] * np.sqrt(self.mass[phrases[enough]]), kind="stable"
            )
            enough = enough[fullest[:MOST_IN_A_SENTENCE]]
        return enough


def _tightest(key: Key, places: Mapping[str, Places]) -> tuple[int, tuple[int, ...]]:
    """The places nearest to those of the phrase's rarest word here; the smallest gap wins."""
    there = [word for word in key if word in places]
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
