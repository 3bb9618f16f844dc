"""What memory knows, phrase by phrase, for people to look through."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.memory.index import FULL, Key, Meanings, PhraseIndex, Sentences
from core.memory.memory import PhraseMemory
from core.memory.tallies import Tally
from core.memory.words import read_words
from core.types import Code, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A phrase of one language with a code it stands for, in counts of notes.

    What decisions taught (`here`) is part of `marked`; that it was added counts nothing here.
    """

    language: str
    key: Key
    code: Code
    words: str  # as somebody marked them here; empty: nobody did
    marked: int
    here: int
    found: int  # notes that hold the phrase, and of which it is known for what it stood
    stood: int
    added: bool = False
    off: bool = False


def known(memory: PhraseMemory) -> list[Known]:
    """Every phrase that was marked or added, with each of its codes, in no order."""
    with memory.lock:
        here, words = _marked_here(memory)
        added, edits = memory.edits.tallies, memory.edits
        return [
            Known(
                language=address[0],
                key=address[1],
                code=code,
                words=words.get((*address, code), ""),
                marked=marked - (own := added.get(address, NONE)).marked[code],
                here=here.get((*address, code), 0),
                found=tally.found - own.found,
                stood=tally.stood[code] - own.stood[code],
                added=own.marked[code] > 0,
                off=(address[1], code) in edits.off,
            )
            for address, tally in memory.tallies.items()
            for code, marked in tally.marked.items()
        ]


def holding(memory: PhraseMemory, language: str, key: Key) -> tuple[str, ...]:
    """The ids of the decided notes that mark the phrase, or hold it and count for it."""
    with memory.lock:
        return tuple(
            each.note.id
            for each in memory.decided
            if (language, key) in each.marked or (language, key) in each.standing
        )


def places(memory: PhraseMemory, text: str, language: str, key: Key) -> tuple[Span, ...]:
    """Where a phrase stands whole in a note: from its first word to its last, at each place."""
    words = read_words(text)
    with memory.lock:
        weight, default = memory.rarity()
    index = PhraseIndex([key], weight, default=default)
    stems = [(word.stem, word.sentence) for word in words]
    sentences = Sentences(stems, Meanings(memory.bridge, language, index))
    found = [match.words for match in index.find(sentences, least=FULL)]
    return tuple(Span(words[at[0]].span.start, words[at[-1]].span.end) for at in found)


Place = tuple[str, Key, Code]
NONE = Tally()


def _marked_here(memory: PhraseMemory) -> tuple[Mapping[Place, int], Mapping[Place, str]]:
    """By language, phrase and code: in how many decided notes it was marked, and in which words."""
    counts: dict[Place, int] = {}
    words: dict[Place, str] = {}
    for each in memory.decided:
        for (language, key), tally in each.marked.items():
            for code in tally.marked:
                counts[language, key, code] = counts.get((language, key, code), 0) + 1
        for (key, code), marked in each.spelled.items():
            words[each.language, key, code] = marked
    return counts, words
