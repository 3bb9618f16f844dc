"""What memory knows, phrase by phrase, for people to look through."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.memory.edits import Edits
from core.memory.index import FULL, Key, PhraseIndex, Sentences
from core.memory.memory import PhraseMemory
from core.memory.tallies import Tally
from core.memory.words import read_words
from core.types import Code, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A phrase of one language with a code it stands for, in counts of notes.

    What decisions taught (`marked_here`) is part of `marked`; an added phrase counts nothing here.
    """

    language: str
    key: Key
    code: Code
    marked: int
    marked_here: int
    found: int  # notes that hold the phrase, and of which it is known for what it stood
    stood: int
    added: bool = False
    off: bool = False


def known(memory: PhraseMemory) -> list[Known]:
    """Every phrase that was marked or added, with each of its codes, in no order."""
    with memory.lock:
        here = _marked_here(memory)
        made_up = memory.edits.tallies
        return [
            one
            for address, tally in memory.tallies.items()
            if tally.marked
            for one in _known(address, tally, made_up.get(address, Tally()), here, memory.edits)
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
    sentences = Sentences(words, memory.bridge, language, alike=(index.alike,))
    found = [match.words for match in index.find(sentences, least=FULL)]
    return tuple(Span(words[at[0]].span.start, words[at[-1]].span.end) for at in found)


def _known(
    address: tuple[str, Key],
    tally: Tally,
    made_up: Tally,
    here: dict[tuple[str, Key, Code], int],
    edits: Edits,
) -> Iterator[Known]:
    language, key = address
    for code, marked in tally.marked.items():
        yield Known(
            language=language,
            key=key,
            code=code,
            marked=marked - made_up.marked[code],
            marked_here=here.get((language, key, code), 0),
            found=tally.found - made_up.found,
            stood=tally.stood[code] - made_up.stood[code],
            added=made_up.marked[code] > 0,
            off=(key, code) in edits.off,
        )


def _marked_here(memory: PhraseMemory) -> dict[tuple[str, Key, Code], int]:
    found: dict[tuple[str, Key, Code], int] = {}
    for each in memory.decided:
        for (language, key), tally in each.marked.items():
            for code in tally.marked:
                found[language, key, code] = found.get((language, key, code), 0) + 1
    return found
