"""Learning the bridge: notes and their translations -> sentence pairs -> word translations.

Sentences are paired in order by length (Gale and Church 1993) and by words that begin alike; word
translations are found by expectation maximisation (Brown et al. 1993, model 1) with a preference
for the diagonal (Dyer et al. 2013).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from core.memory.bridge import Bridge
from core.memory.words import stem

_BREAK = regex.compile(r"(?<=[.;:?!])\s+|\n+")
_RUN = regex.compile(r"[\p{L}\p{M}]+|\d+")
MOVES = {  # sentences taken on each side -> what that costs
    (1, 1): 0.0, (1, 2): 1.0, (2, 1): 1.0, (1, 3): 2.0, (3, 1): 2.0, (2, 2): 2.0,
    (1, 0): 6.0, (0, 1): 6.0,
}  # fmt: skip
BAND = 4  # sentences a pair may lie off the diagonal, besides a tenth of the note
LONGEST = 60  # words of a pair that are used
ROUNDS = 5
DIAGONAL = 4.0  # strength of the preference
UNALIGNED = 0.08  # share of words that translate nothing
LEAST_PROBABILITY, LEAST_COUNT = 0.04, 0.8  # what is kept

Pair = tuple[list[str], list[str]]  # stems of a sentence and of its translation


def learn_bridge(texts: Iterable[tuple[str, str]]) -> Bridge:
    """Learn from (Spanish, English) texts of the same notes; about a minute for 3,000 of them."""
    pairs = [pair for spanish, english in texts for pair in sentence_pairs(spanish, english)]
    return Bridge(
        lexicons={
            "es": translations(pairs),
            "en": translations([(english, spanish) for spanish, english in pairs]),
        }
    )


def sentence_pairs(left: str, right: str) -> list[Pair]:
    """Pair the sentences of a note with those of its translation, in order."""
    ours, theirs = _Side.read(left), _Side.read(right)
    if not ours.words or not theirs.words:
        return []
    scale = sum(theirs.lengths) / max(1, sum(ours.lengths))
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    rows, columns = len(ours.words), len(theirs.words)
    for i in range(rows + 1):
        reach = BAND + columns // 10
        middle = i * columns // rows
        for j in range(max(0, middle - reach), min(columns, middle + reach) + 1):
            if (i, j) in best:
                _extend(best, i, j, ours=ours, theirs=theirs, scale=scale)
    return _walk_back(best, ours, theirs)


@dataclass(frozen=True)
class _Side:
    """One text as sentences: their stems, what those begin with, their lengths in characters."""

    words: list[list[str]]
    begins: list[frozenset[str]]
    lengths: list[int]

    @staticmethod
    def read(text: str) -> "_Side":
        kept = [part for part in _BREAK.split(text) if part.strip()]
        words = [[stem(match.group()) for match in _RUN.finditer(part)] for part in kept]
        begins = [frozenset(word[:4] for word in part if len(word) > 2) for part in words]
        return _Side(words, begins, [len(part) for part in kept])


def _extend(
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]],
    i: int,
    j: int,
    *,
    ours: _Side,
    theirs: _Side,
    scale: float,
) -> None:
    """Try every move from (i, j); keep the cheapest way to each place."""
    so_far = best[i, j][0]
    for (a, b), cost in MOVES.items():
        if i + a > len(ours.words) or j + b > len(theirs.words):
            continue
        total = so_far + cost
        if a and b:
            left = frozenset[str]().union(*ours.begins[i : i + a])
            right = frozenset[str]().union(*theirs.begins[j : j + b])
            alike = len(left & right) / (min(len(left), len(right)) + 1)
            expected = sum(ours.lengths[i : i + a]) * scale
            length = sum(theirs.lengths[j : j + b])
            total += 6 * (1 - 1.5 * alike)
            total += 0.6 * abs(expected - length) / (expected + length + 1) ** 0.5
        if total < best.get((i + a, j + b), (float("inf"), (0, 0)))[0]:
            best[i + a, j + b] = total, (i, j)


def _walk_back(
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]], ours: _Side, theirs: _Side
) -> list[Pair]:
    place = len(ours.words), len(theirs.words)
    pairs: list[Pair] = []
    while place != (0, 0) and place in best:
        before = best[place][1]
        left = [w for part in ours.words[before[0] : place[0]] for w in part][:LONGEST]
        right = [w for part in theirs.words[before[1] : place[1]] for w in part][:LONGEST]
        if left and right:
            pairs.append((left, right))
        place = before
    return pairs[::-1]


def translations(pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """p(target | source) for stems that stand in two pairs or more; small ones are left out."""
    sources, targets = _numbers(p[0] for p in pairs), _numbers(p[1] for p in pairs)
    group_K, source_K, target_K, prior_K = _links(pairs, sources, targets)
    key_K = source_K * len(targets) + target_K
    key_U, unique_K = np.unique(key_K, return_inverse=True)
    source_U, target_U = key_U // len(targets), key_U % len(targets)
    probability_U = count_U = np.ones(len(key_U), dtype=np.float64)
    for _ in range(ROUNDS):
        weight_K = probability_U[unique_K] * prior_K
        share_K = weight_K / np.bincount(group_K, weight_K)[group_K]
        count_U = np.bincount(unique_K, share_K, len(key_U)).astype(np.float64)
        probability_U = count_U / (np.bincount(source_U, count_U)[source_U] + 1e-9)
    names, meanings = list(sources), list(targets)
    kept = np.flatnonzero(
        (source_U < len(names)) & (probability_U >= LEAST_PROBABILITY) & (count_U >= LEAST_COUNT)
    )
    found: dict[str, dict[str, float]] = {}
    for index in kept:
        meaning = found.setdefault(names[source_U[index]], {})
        meaning[meanings[target_U[index]]] = round(float(probability_U[index]), 3)
    return found


def _numbers(sides: Iterable[list[str]]) -> dict[str, int]:
    counts = Counter(word for side in sides for word in side)
    return {word: n for n, word in enumerate(sorted(w for w, k in counts.items() if k > 1))}


Numbers = NDArray[np.int64]


def _links(
    pairs: Sequence[Pair], sources: dict[str, int], targets: dict[str, int]
) -> tuple[Numbers, Numbers, Numbers, NDArray[np.float64]]:
    """Every (target word, source word) of every pair; the source after the last means none."""
    sizes, source_parts, target_words, prior_parts = [], [], [], []
    for left, right in pairs:
        known = [(i, sources[w]) for i, w in enumerate(left) if w in sources]
        number = np.array([n for _, n in known] + [len(sources)], dtype=np.int64)
        place = np.array([i for i, _ in known]) / len(left)
        for j, word in enumerate(right):
            if word not in targets:
                continue
            near = np.exp(-DIAGONAL * np.abs(place - j / len(right)))
            near *= (1 - UNALIGNED) / max(near.sum(), 1e-9)
            sizes.append(len(number))
            source_parts.append(number)
            prior_parts.append(np.append(near, UNALIGNED))
            target_words.append(targets[word])
    size_G = np.array(sizes, dtype=np.int64)
    group_K = np.repeat(np.arange(len(sizes)), size_G)
    target_K = np.repeat(np.array(target_words, dtype=np.int64), size_G)
    if not sizes:
        return group_K, group_K, target_K, np.zeros(0)
    return group_K, np.concatenate(source_parts), target_K, np.concatenate(prior_parts)
