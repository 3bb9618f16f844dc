"""What a model reads when a note holds a word it never saw.

Each strategy turns an unknown word into the id of a known one, or None for UNK. Which one ships is
decided by measurement: `docs/benchmarks/unknown_words.md`.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

from core.errors import BadSettings
from core.text.vocabulary import Tokenizer, Vocabulary

Fallback: TypeAlias = Callable[[str], int | None]

MIN_SIMILARITY = 0.6  # Dice overlap of letter groups below which a word stays unknown
MIN_LETTERS = 5  # shorter words are too often abbreviations that differ by one letter
REMEMBERED = 50_000  # unknown words kept with their answer


def fallback(name: str, vocabulary: Tokenizer) -> Fallback | None:
    """The strategy called `name` for this vocabulary; None stands for plain UNK.

    Always None for subwords: they spell every word.
    """
    if name not in FALLBACKS:
        raise BadSettings(f"{name!r} is not a fallback; use one of {', '.join(FALLBACKS)}")
    return FALLBACKS[name](vocabulary) if isinstance(vocabulary, Vocabulary) else None


def unknown(vocabulary: Vocabulary) -> None:
    """Every unknown word reads as UNK (the papers)."""


def folded(vocabulary: Vocabulary) -> Fallback:
    """A word that differs only by accents reads as the known one."""
    plain: dict[str, int] = {}
    for number, word in enumerate(vocabulary.words[2:], start=2):
        plain.setdefault(_without_accents(word), number)
    return lambda word: plain.get(_without_accents(word))


def nearest(vocabulary: Vocabulary) -> Fallback:
    """A word reads as the known one that shares most of its letter groups, if it shares enough."""
    accents = folded(vocabulary)
    words_with: dict[str, list[int]] = defaultdict(list)
    sizes = [len(_groups(word)) for word in vocabulary.words]
    for number, word in enumerate(vocabulary.words[2:], start=2):
        for group in _groups(word):
            words_with[group].append(number)

    @lru_cache(maxsize=REMEMBERED)
    def look_up(word: str) -> int | None:
        same = accents(word)
        if same is not None or len(word) < MIN_LETTERS:
            return same
        return _most_alike(_groups(word), words_with, sizes)

    return look_up


FALLBACKS: Mapping[str, Callable[[Vocabulary], Fallback | None]] = {
    "unknown": unknown,
    "folded": folded,
    "nearest": nearest,
}


def _most_alike(
    groups: frozenset[str], words_with: Mapping[str, list[int]], sizes: list[int]
) -> int | None:
    shared: dict[int, int] = defaultdict(int)
    for group in groups:
        for number in words_with.get(group, ()):
            shared[number] += 1
    best, number = max(
        ((2 * count / (len(groups) + sizes[n]), -n) for n, count in shared.items()),
        default=(0.0, 0),
    )
    return -number if best >= MIN_SIMILARITY else None


def _groups(word: str) -> frozenset[str]:
    marked = f"^{_without_accents(word)}$"
    return frozenset(marked[i : i + 3] for i in range(len(marked) - 2))


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
