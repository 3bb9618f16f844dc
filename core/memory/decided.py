"""What the decisions on notes taught: for each note what it counts, and which notes to count anew.

Whether a note counts for a phrase depends on which phrases are known, and those on the other notes.
So the notes are kept, and those that hold a phrase are counted anew when it comes to be known, or
is forgotten: memory is the same in whatever order it was taught.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from core.memory.bridge import Bridge
from core.memory.cognates import WEIGHT as COGNATE
from core.memory.cognates import skeleton
from core.memory.index import FULL, Key, Weigh
from core.memory.phrases import words_of
from core.memory.tallies import Address, Tally
from core.memory.words import Word, phrase_words
from core.text.language import language_of
from core.types import Code, Note

_LITTLE = 1e-3  # what rounding may make of a weight


@dataclass(kw_only=True)
class Decided:
    """A note with its decisions, and what came of them."""

    note: Note  # its annotations are the codes accepted or added
    rejected: frozenset[Code]
    language: str
    stems: tuple[str, ...]  # of the content words, in order
    sentences: "array[int]"  # and the sentence of each
    marked: dict[Address, Tally]
    spelled: dict[tuple[Key, Code], str]  # the marked phrases as they stand in the note
    standing: dict[Address, Tally] = field(default_factory=dict)
    fullest: int = 0  # known phrases in one sentence, at most

    @property
    def codes(self) -> frozenset[Code]:
        return self.note.codes | self.rejected

    @property
    def words(self) -> Iterator[tuple[str, int]]:
        """Each content word's stem and sentence."""
        return zip(self.stems, self.sentences, strict=True)

    @property
    def tallies(self) -> dict[Address, Tally]:
        """All that the note counts."""
        found: dict[Address, Tally] = {}
        for part in (self.marked, self.standing):
            for address, tally in part.items():
                found.setdefault(address, Tally()).add(tally)
        return found


class DecidedNotes:
    """The notes that were decided on, by id, code and stem. Not for several threads at once."""

    def __init__(self) -> None:
        self._notes: dict[str, Decided] = {}
        self._of_code: defaultdict[Code, set[str]] = defaultdict(set)
        self._of_stem: defaultdict[str, set[str]] = defaultdict(set)
        self._alike: defaultdict[str, set[str]] = defaultdict(set)  # skeleton -> stems

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
            for stem in decided.stems:
                if stem not in self._of_stem and (bones := skeleton(stem)):
                    self._alike[bones].add(stem)
                self._of_stem[stem].add(decided.note.id)

    def drop(self, note_id: str) -> Decided | None:
        """Forget a note; what was kept of it, or None."""
        found = self._notes.pop(note_id, None)
        for code in found.codes if found else ():
            self._of_code[code].discard(note_id)
        for stem in found.stems if found else ():
            self._of_stem[stem].discard(note_id)
        return found

    def may_hold(
        self,
        meanings: Iterable[tuple[Key, Code]],
        *,
        weight: Weigh,
        default: float,
        bridge: Bridge,
    ) -> list[Decided]:
        """The notes with a decision on a code that may hold its phrase whole: by its words."""
        found: set[str] = set()
        for key, code in meanings:
            found |= self._saying(key, self._of_code[code], weight, default, bridge)
        return [each for note_id, each in self._notes.items() if note_id in found]

    def _saying(
        self, key: Key, notes: set[str], weight: Weigh, default: float, bridge: Bridge
    ) -> set[str]:
        mass = sum(weight.get(word, default) for word in key)
        for word in key:
            missing = (1 - FULL) * mass / max(weight.get(word, default), _LITTLE)
            if missing + _LITTLE < 1:  # else the phrase counts as found without this word
                stems = self._meaning(word, 1 - missing - _LITTLE, bridge)
                notes = notes & set().union(*(self._of_stem.get(stem, ()) for stem in stems))
        return set(notes)

    def _meaning(self, word: str, least: float, bridge: Bridge) -> set[str]:
        """The stems of notes that are this word, or mean it or are spelled alike this surely."""
        alike = self._alike.get(skeleton(word), set()) if least <= COGNATE else set()
        return {word, *alike, *bridge.saying(word, least)}


def decided(note: Note, rejected: frozenset[Code], words: Collection[Word]) -> Decided:
    """A note that is still to be counted."""
    language = language_of(note.text)
    return Decided(
        note=note,
        rejected=rejected,
        language=language,
        stems=tuple(word.stem for word in words),
        sentences=array("l", (word.sentence for word in words)),
        marked=marked(note, language),
        spelled={
            (phrase_words(said), annotation.code): said
            for annotation in note.annotations
            if (said := words_of(note, annotation))
        },
    )


def marked(note: Note, language: str) -> dict[Address, Tally]:
    """The phrases somebody marked in a note, once each."""
    found: dict[Address, Tally] = {}
    for annotation in note.annotations:
        key = phrase_words(words_of(note, annotation))
        if key:
            found.setdefault((language, key), Tally()).marked[annotation.code] = 1
    return found
