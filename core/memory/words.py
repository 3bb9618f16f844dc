"""The words that matter for a phrase: folded, cut to a stem, without the small ones.

One stemmer serves English and Spanish: it only takes off what inflection adds in either (plural s,
gender and final e), so that "fracturas", "fractura" and, through the bridge, "fracture" meet.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import regex

from core.types import Span

_RUN = regex.compile(r"[\p{L}\p{M}]+|\d+")
_SENTENCE_END = regex.compile(r"[.;:?!]\s|\n")
_SMALL = frozenset(
    "el la los las un una unos unas de del al a en y e o u con por para que se su sus lo le les "
    "the an of in on at to and or with for by from as is was were be been this that its his her "
    "their".split()
)
_UNSAID = frozenset("unspecified other specified not elsewhere classified nec nos without".split())
_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a note: its stem, its place, and the number of its sentence."""

    stem: str
    span: Span
    sentence: int


def read_words(text: str) -> list[Word]:
    """The content words of a note in order."""
    words, sentence, last = [], 0, 0
    for match in _RUN.finditer(text):
        if _SENTENCE_END.search(text, last, match.start()):
            sentence += 1
        last = match.end()
        folded = stem(match.group())
        if folded not in _SMALL:
            words.append(Word(folded, Span(match.start(), match.end()), sentence))
    return words


def phrase_words(text: str) -> tuple[str, ...]:
    """What a phrase is known by: its distinct stems in alphabetical order."""
    stems = {stem(match.group()) for match in _RUN.finditer(text)}
    return tuple(sorted(stems - _SMALL))


def title_words(text: str) -> tuple[str, ...]:
    """The same for a title, without the words that only say what is left open."""
    return tuple(word for word in phrase_words(text) if word not in _UNSAID_STEMS)


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """Lower case, no accents, no ending of number or gender."""
    folded = _folded(word)
    if len(folded) > 4 and not folded.endswith(("sis", "itis")):
        folded = folded.removesuffix("es") if folded.endswith("es") else folded.removesuffix("s")
    if len(folded) > 4 and folded[-1] in "aoe":
        folded = folded[:-1]
    return folded


def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_UNSAID_STEMS = frozenset(stem(word) for word in _UNSAID)

Weights = Mapping[str, float]  # stem -> how surely it is meant, at most 1
