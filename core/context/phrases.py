"""How cues are written down, and how they are found in a note.

A cue list is text: one cue a line or after a comma. Within a cue, words are parted by spaces;
`a|b` is either word, `stem{a|an}` either ending, a final `?` makes a word optional, `#` is any
number (in figures or words), `@` a year. Words carry no accents.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeAlias, TypeVar

from core.context.words import SPACE

T = TypeVar("T")
Node: TypeAlias = dict[str, "Node"]

_CHOICE = re.compile(r"([^|{}]+)(?:\{([^}]*)\})?")
_YEAR = re.compile(r"(?:19|20)\d\ds?")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A cue at words `start` to `end` (half-open), and what it means."""

    start: int
    end: int
    meaning: T


class Phrases(Generic[T]):
    """Phrases with a meaning each; where several begin, the longest is found."""

    def __init__(self, meanings: Mapping[str, T], numbers: frozenset[str]) -> None:
        self._numbers = numbers
        self._root: Node = {}
        self._meanings: dict[int, T] = {}
        for phrase, meaning in meanings.items():
            node = self._root
            for word in phrase.split():
                node = node.setdefault(word, {})
            self._meanings[id(node)] = meaning

    def at(self, words: Sequence[str], gaps: bytearray, start: int) -> Found[T] | None:
        """The longest phrase that begins at word `start`; a phrase runs over no punctuation."""
        nodes = self._step([self._root], words[start])
        best: Found[T] | None = None
        end = start + 1
        while nodes:
            for node in nodes:
                if id(node) in self._meanings:
                    best = Found(start, end, self._meanings[id(node)])
            if end == len(words) or gaps[end] > SPACE:
                break
            nodes = self._step(nodes, words[end])
            end += 1
        return best

    def all(self, words: Sequence[str], gaps: bytearray) -> Iterator[Found[T]]:
        """Phrases from left to right, none overlapping another."""
        at = 0
        root, numbers = self._root, self._numbers
        while at < len(words):
            word = words[at]
            found = None
            if word in root or word in numbers or word[0].isdigit():
                found = self.at(words, gaps, at)
            if found is None:
                at += 1
            else:
                yield found
                at = found.end

    def _step(self, nodes: list[Node], word: str) -> list[Node]:
        following = [node[word] for node in nodes if word in node]
        if word in self._numbers or word[0].isdigit():
            following += [node["#"] for node in nodes if "#" in node]
            if _YEAR.fullmatch(word):
                following += [node["@"] for node in nodes if "@" in node]
        return following


def spelled(cues: str) -> Iterator[str]:
    """Every phrase that a cue list stands for, its choices written out."""
    for cue in re.split(r"[,\n]", cues):
        for choice in product(*(_choices(word) for word in cue.split())):
            if phrase := " ".join(filter(None, choice)):
                yield phrase


def _choices(word: str) -> list[str]:
    optional = word.endswith("?")
    found = [
        stem + ending
        for stem, endings in _CHOICE.findall(word.removesuffix("?"))
        for ending in endings.split("|")
    ]
    return [*found, ""] if optional else found
