"""Words of a note, each with its place in the original text.

The papers' preprocessing (CAML; MARN sec. 4.1): lower case, runs of word characters, runs without
a letter dropped. Nothing is rewritten before the words are found, so spans are exact in code
points for any Unicode text: a combining mark belongs to the letter before it.
"""

import unicodedata
from dataclasses import dataclass

import regex

# a word character, then word characters, combining marks and zero-width joiners
_RUN = regex.compile(r"\w[\w\p{M}\u200c\u200d]*")
_LETTER = regex.compile(r"\p{L}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as the vocabulary knows it, and where it stands: `text[start:end]`."""

    word: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Find the words of `text` in order; `Token.word` is composed (NFC) and lower-cased."""
    return [
        Token(normalise(match.group()), match.start(), match.end())
        for match in _RUN.finditer(text)
        if _LETTER.search(match.group())
    ]


def normalise(word: str) -> str:
    """The form under which a word is looked up: composed, lower case."""
    return unicodedata.normalize("NFC", word.lower())
