"""Phrase memory: which phrases stand for which codes, learned from notes, updated at once.

It knows phrases that coders marked as evidence and phrases of the code tables, finds them in a note
whatever their inflection, order and gaps, in either language, and remembers how often each did and
did not stand for a code.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from threading import RLock

from core.memory.bridge import Bridge
from core.memory.decided import Decided, DecidedNotes, decided, marked
from core.memory.edits import NO_EDITS, Edits, Meaning
from core.memory.evidence import Evidence
from core.memory.index import (
    FULL,
    LEAST_COVERAGE,
    MOST_IN_A_SENTENCE,
    Key,
    Match,
    Meanings,
    Searched,
    Sentences,
)
from core.memory.listed import NOTHING_LISTED, Listed
from core.memory.phrases import Source
from core.memory.standing import MOST_GAP, Asked, Sources, Standing, standing
from core.memory.tallies import Address, Tally
from core.memory.words import Word, read_words
from core.text.language import language_of
from core.types import Code, Note, Span

WHOLE = FULL
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mention:
    """A place in a note that speaks for a code, and what is known of the phrase found there.

    marked, found, whole, stood, stood_whole are counts of notes, see `Tally`; `mass` is the weight
    of the phrase (how much it says), `size` its number of words; `added` if the site added it.
    """

    code: Code
    source: Source
    key: Key
    coverage: float
    gap: int
    words: tuple[int, ...]  # places among the note's content words
    mass: float
    marked: int
    found: int
    whole: int
    stood: int
    stood_whole: int
    added: bool = False

    @property
    def size(self) -> int:
        return len(self.key)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that memory sees in a note."""

    words: Sequence[Word]
    mentions: Sequence[Mention]
    language: str

    def spans(self, mention: Mention) -> tuple[Span, ...]:
        """Where the mention stands; words that follow one another make one span."""
        found: list[Span] = []
        for before, place in zip((None, *mention.words), mention.words, strict=False):
            span = self.words[place].span
            if before is not None and place == before + 1:
                found[-1] = Span(found[-1].start, span.end)
            else:
                found.append(span)
        return tuple(found)


class PhraseMemory:
    """Learns from notes and finds what it knows in others. Safe to share by threads."""

    def __init__(self, *, listed: Listed = NOTHING_LISTED, bridge: Bridge | None = None) -> None:
        self.listed = listed
        self.bridge = bridge or Bridge()
        self.tallies: dict[Address, Tally] = {}
        self.words: dict[str, Counter[str]] = {}  # language -> notes that hold a stem
        self.notes: Counter[str] = Counter()  # language -> notes learned whole
        self.codes: Counter[Code] = Counter()  # notes that carry a code
        self.headings: Counter[str] = Counter()  # and those with its first three characters
        self.decided = DecidedNotes()
        self.edits = NO_EDITS
        self.lock = RLock()
        self._known: Evidence | None = None
        self._changed: set[Key] = set()  # phrases whose codes may have changed since
        self._rare: tuple[dict[str, float], float] | None = None

    def copy(self) -> "PhraseMemory":
        """A memory that knows the same; what either learns from now on, the other does not."""
        other = PhraseMemory(listed=self.listed, bridge=self.bridge)
        with self.lock:
            learned = (self.tallies, self.words, self.notes, self.codes, self.headings)
            parts = deepcopy((*learned, self.decided))
        other.tallies, other.words, other.notes, other.codes, other.headings = parts[:5]
        other.decided, other.edits = parts[5], self.edits
        return other

    def hear(self, texts: Iterable[str]) -> None:
        """Learn from uncoded texts how rare words are."""
        read = [(language_of(text), read_words(text)) for text in texts]
        with self.lock:
            for language, words in read:
                self.words.setdefault(language, Counter()).update({word.stem for word in words})
                self.notes[language] += 1
            self._known = self._rare = None

    def learn(self, notes: Iterable[Note]) -> None:
        """Learn notes whose codes are complete: what is not coded in them did not stand."""
        read = [(note, language_of(note.text), read_words(note.text)) for note in notes]
        with self.lock:
            for note, language, words in read:
                self.words.setdefault(language, Counter()).update({word.stem for word in words})
                self.notes[language] += 1
                self.codes.update(note.codes)
                self.headings.update(code.code[:3] for code in note.codes)
                self._count(marked(note, language))
            self._known = self._rare = None
            for note, language, words in read:
                asked = Asked(words=_stems(words), language=language, yes=note.codes, no=None)
                ((standing, _),) = self._standing([asked])
                self._count(standing)

    def decide(self, note: Note, rejected: frozenset[Code] = frozenset()) -> None:
        """Learn what a coder decided so far of a note; replaces what was learned of it before.

        The note's annotations are the codes accepted or added; other codes say nothing yet.
        """
        self.decide_all([(note, rejected)])

    def decide_all(self, decisions: Iterable[tuple[Note, frozenset[Code]]]) -> None:
        """Learn the decisions on many notes at once, the last ones of each; order is no matter."""
        last = {note.id: (note, no) for note, no in decisions}.values()
        after = [decided(note, no, read_words(note.text)) for note, no in last]
        with self.lock:
            dropped = [self.decided.drop(each.note.id) for each in after]
            before = [each for each in dropped if each is not None]
            changed = {key for each in (*before, *after) for _, key in each.marked}
            meant = self._meanings(changed)
            for each in before:
                self._count(each.tallies, sign=-1)
            for each in after:
                self._count(each.marked)
            self._count_anew(meant ^ self._meanings(changed))
            for each in after:
                self.decided.take(each)
            self._count_standing(after)

    def edit(self, edits: Edits) -> None:
        """Take these edits for all that were made before; they hold for the next note."""
        with self.lock:
            changed = {each.key for each in self.edits.added ^ edits.added}
            meant = self._meanings(changed)
            self._count(self.edits.tallies, sign=-1)
            self._count(edits.tallies)
            self.edits = edits
            self._count_anew(meant ^ self._meanings(changed))

    def read(
        self, text: str, language: str | None = None, *, leave_out: str | None = None
    ) -> Reading:
        """Find every mention of every code in a note.

        leave_out: a note whose decisions are not to be known, so that nobody is shown their own
        decisions, or a colleague's, as if they were evidence.
        """
        language = language or language_of(text)
        words = read_words(text)
        with self.lock:
            evidence, off = self._evidence(), self.edits.off
        indexes = (*evidence.indexes, self.listed.index)
        sentences = Sentences(_stems(words), Meanings(self.bridge, language, *indexes))
        mentions = [
            *self._mentions(evidence, evidence.find(sentences, least=LEAST_COVERAGE), language),
            *self._listed(self.listed.index.find(sentences), language),
        ]
        if off:
            mentions = [each for each in mentions if (each.key, each.code) not in off]
        own = self.decided.get(leave_out) if leave_out else None
        if own:
            mentions = _without(mentions, own.tallies, language)
        return Reading(words=words, mentions=mentions, language=language)

    def _mentions(
        self, evidence: Evidence, matches: Iterable[Match], language: str
    ) -> Iterator[Mention]:
        for match in matches:
            if match.gap <= MOST_GAP:
                for code in evidence.codes[match.phrase]:
                    yield self._mention(evidence, match, code, Source.EVIDENCE, language)

    def _listed(self, matches: Iterable[Match], language: str) -> Iterator[Mention]:
        for match in matches:
            if match.gap <= MOST_GAP:
                for code, source in self.listed.codes[match.phrase].items():
                    yield self._mention(self.listed.index, match, code, source, language)

    def _mention(
        self, index: Searched, match: Match, code: Code, source: Source, language: str
    ) -> Mention:
        key = index.keys[match.phrase]
        here = self.tallies.get((language, key), NOTHING_KNOWN)
        there = self.tallies.get((_other(language), key), NOTHING_KNOWN)
        return Mention(
            code=code,
            source=source,
            key=key,
            coverage=match.coverage,
            gap=match.gap,
            words=match.words,
            mass=float(index.mass[match.phrase]),
            marked=here.marked[code] + there.marked[code],
            found=here.found,
            whole=here.whole,
            stood=here.stood[code],
            stood_whole=here.stood_whole[code],
            added=(key, code) in self.edits.meanings,
        )

    def _standing(
        self, notes: Sequence[Asked], keys: Sequence[Key] | None = None
    ) -> list[tuple[Standing, int]]:
        """Of each note what it counts, and how many known phrases its fullest sentence holds.

        keys: look these phrases up alone.
        """
        evidence, listed = self._evidence(), self.listed
        if keys is None:
            indexes = (*evidence.indexes, listed.index)
            sources: Sources = ((evidence, evidence.codes), (listed.index, listed.codes))
        else:
            sources = known, named = evidence.only(keys), listed.only(keys)
            indexes = known[0], named[0]
        return standing(notes, sources, indexes, self.bridge)

    def _meanings(self, keys: Iterable[Key]) -> set[Meaning]:
        """What these phrases are known to stand for, in either language."""
        return {
            (key, code)
            for key in keys
            for language in LANGUAGES
            for code in self.tallies.get((language, key), NOTHING_KNOWN).marked
        }

    def _count_anew(self, changed: set[Meaning]) -> None:
        """Count the notes again on which a phrase that is new, or no longer known, may stand."""
        if not changed:
            return
        keys = sorted({key for key, _ in changed})
        weight, default = self.rarity()
        bridge = self.bridge
        notes = self.decided.may_hold(changed, weight=weight, default=default, bridge=bridge)
        # A sentence counts no more than so many phrases: a new one may push out another.
        full = [each for each in notes if each.fullest + len(keys) > MOST_IN_A_SENTENCE]
        whole = {id(each) for each in full}
        self._count_standing(full)
        self._count_again([each for each in notes if id(each) not in whole], keys)

    def _count_standing(self, notes: Sequence[Decided]) -> None:
        """Count all that stands on these notes, in place of what was counted of them before."""
        counted = self._standing([_asked(each) for each in notes])
        for each, (found, fullest) in zip(notes, counted, strict=True):
            self._count(each.standing, sign=-1)
            each.standing, each.fullest = found, fullest
            self._count(found)

    def _count_again(self, notes: Sequence[Decided], keys: Sequence[Key]) -> None:
        """Count these phrases alone."""
        counted = self._standing([_asked(each) for each in notes], keys)
        for each, (found, _) in zip(notes, counted, strict=True):
            addresses = [(each.language, key) for key in keys]
            before = {at: each.standing.pop(at) for at in addresses if at in each.standing}
            self._count(before, sign=-1)
            self._count(found)
            each.standing.update(found)
            each.fullest += len(keys)  # at most

    def _count(self, learned: Mapping[Address, Tally], sign: int = 1) -> None:
        for address, tally in learned.items():
            if tally.marked:
                self._changed.add(address[1])
            mine = self.tallies.setdefault(address, Tally())
            mine.add(tally, sign)
            if mine.empty:
                del self.tallies[address]

    def _evidence(self) -> Evidence:
        """The marked phrases as they stand now; brought up to date after something was learned."""
        if self._known is None:
            codes: dict[Key, set[Code]] = {}
            for (_, key), tally in self.tallies.items():
                if tally.marked:
                    codes.setdefault(key, set()).update(tally.marked)
            weight, default = self.rarity()
            self._known = Evidence(codes, weight, default=default)
        elif self._changed:
            meant: dict[Key, set[Code]] = {key: set() for key in self._changed}
            for key, code in self._meanings(self._changed):
                meant[key].add(code)
            self._known = self._known.changed(meant)
        self._changed.clear()
        return self._known

    def rarity(self) -> tuple[dict[str, float], float]:
        """Inverse document frequency of stems, in the language that uses them more."""
        if self._rare is None:
            weight: dict[str, float] = {}
            for language, counts in self.words.items():
                for word, notes in counts.items():
                    rare = math.log((self.notes[language] + 1) / (notes + 0.5))
                    weight[word] = min(rare, weight.get(word, rare))
            self._rare = weight, math.log(2 * max(self.notes.values(), default=0) + 2)
        return self._rare


NOTHING_KNOWN = Tally()


def _stems(words: Iterable[Word]) -> list[tuple[str, int]]:
    return [(word.stem, word.sentence) for word in words]


def _asked(each: Decided) -> Asked:
    return Asked(words=each.words, language=each.language, yes=each.note.codes, no=each.rejected)


def _without(
    mentions: Iterable[Mention], own: Mapping[Address, Tally], language: str
) -> list[Mention]:
    """The mentions as they would be had these tallies never been counted."""
    kept = []
    for mention in mentions:
        tally = own.get((language, mention.key), NOTHING_KNOWN)
        left = replace(
            mention,
            marked=max(0, mention.marked - tally.marked[mention.code]),
            found=max(0, mention.found - tally.found),
            whole=max(0, mention.whole - tally.whole),
            stood=max(0, mention.stood - tally.stood[mention.code]),
            stood_whole=max(0, mention.stood_whole - tally.stood_whole[mention.code]),
        )
        if left.marked > 0 or left.source is not Source.EVIDENCE:
            kept.append(left)
    return kept


def _other(language: str) -> str:
    return "en" if language == "es" else "es"
