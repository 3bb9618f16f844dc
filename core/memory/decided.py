"""What the decisions on notes taught: for each note what it counts, and which notes to count anew.

Whether a note counts for a phrase depends on which phrases are known, and those on the other notes.
So the notes are kept, and those that hold a phrase are counted anew when it comes to be known, or
is forgotten: memory is the same in whatever order it was taught.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.memory.bridge import Bridge
from core.memory.cognates import skeleton
from core.memory.index import Weigh
from core.memory.phrases import words_of
from core.memory.tallies import Address, Tally
from core.memory.words import Word, phrase_words, read_words
from core.text.language import language_of
from core.types import Code, Note

LONGEST = 40  # words of a phrase, beyond which it counts as found without its rarest one


@dataclass(kw_only=True)
class Decided:
    """A note with its decisions, and what came of them."""

    note: Note  # its annotations are the codes accepted or added
    rejected: frozenset[Code]
    language: str
    stems: tuple[str, ...]
    marked: dict[Address, Tally]
    standing: dict[Address, Tally] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[Code]:
        return self.note.codes | self.rejected

    @property
    def tallies(self) -> dict[Address, Tally]:
        """All that the note counts."""
        found: dict[Address, Tally] = {}
        for part in (self.marked, self.standing):
            for address, tally in part.items():
                found.setdefault(address, Tally()).add(tally)
        return found


class DecidedNotes:
    """The notes that were decided on, by id and by code. Not for several threads at once."""

    def __init__(self) -> None:
        self._notes: dict[str, Decided] = {}
        self._of_code: defaultdict[Code, set[str]] = defaultdict(set)

    def __iter__(self) -> Iterator[Decided]:
        return iter(self._notes.values())

    def get(self, note_id: str) -> Decided | None:
        return self._notes.get(note_id)

    def take(self, decided: Decided) -> None:
        """Keep a note; one without any decision is of no use and not kept."""
        if decided.codes:
            self._notes[decided.note.id] = decided
            for code in decided.codes:
                self._of_code[code].add(decided.note.id)

    def drop(self, note_id: str) -> Decided | None:
        """Forget a note; what was kept of it, or None."""
        found = self._notes.pop(note_id, None)
        for code in found.codes if found else ():
            self._of_code[code].discard(note_id)
        return found

    def may_hold(
        self, meanings: Iterable[tuple[tuple[str, ...], Code]], *, weight: Weigh, bridge: Bridge
    ) -> list[Decided]:
        """The notes with a decision on a code that may hold its phrase: by its rarest word."""
        found: dict[str, Decided] = {}
        for key, code in meanings:
            rarest = max(key, key=lambda word: (weight.get(word, math.inf), word))
            for note_id in self._of_code[code] - found.keys():
                each = self._notes[note_id]
                if len(key) > LONGEST or _says(each, rarest, bridge):
                    found[note_id] = each
        return list(found.values())


def decided(note: Note, rejected: frozenset[Code], words: Collection[Word]) -> Decided:
    """A note that is still to be counted."""
    language = language_of(note.text)
    return Decided(
        note=note,
        rejected=rejected,
        language=language,
        stems=tuple({word.stem for word in words}),
        marked=marked(note, language),
    )


def words_in(each: Decided) -> list[Word]:
    """The content words of the note; read anew, because they take much room."""
    return read_words(each.note.text)


def marked(note: Note, language: str) -> dict[Address, Tally]:
    """The phrases somebody marked in a note, once each."""
    found: dict[Address, Tally] = {}
    for annotation in note.annotations:
        key = phrase_words(words_of(note, annotation))
        if key:
            found.setdefault((language, key), Tally()).marked[annotation.code] = 1
    return found


def _says(each: Decided, word: str, bridge: Bridge) -> bool:
    """Whether a word of the note is this one, means it, or is spelled alike."""
    lexicon: Mapping[str, Mapping[str, float]] = bridge.lexicons.get(each.language, {})
    bones = skeleton(word)
    return any(
        stem == word or word in lexicon.get(stem, ()) or (bones and skeleton(stem) == bones)
        for stem in each.stems
    )
