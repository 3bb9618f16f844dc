"""From the cues found in a note to the contexts of each of its words.

Two masks a word: what cues before it say of it, and what cues after it say. A mention is judged by
the first mask at its first word and the second at its last one: so a cue inside a mention never
counts. Every scope holds a bounded number of words, so the whole is linear in the note's length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.context.phrases import Found
from core.context.rules import BITS, FAR, NEAR, Meaning, Scope
from core.context.words import CLAUSE, COLON, COMMA, PAREN, SENTENCE, Words
from core.types import Context

_NEGATED, _FAMILY = BITS[Context.NEGATED], BITS[Context.FAMILY]
_LIST = 12  # words in which a list shows that it is one
_VERB = 2  # words between "no" and its verb
_RELATIVE = 8  # words between a relative and what is said of their health
_REST = Scope(context=Context.NEGATED, reach=NEAR, behind=True)
_WHOLE = Scope(context=Context.NEGATED, reach=FAR)
_KIN = Scope(context=Context.FAMILY, reach=15, lists=True)


@dataclass(frozen=True, slots=True)
class Masks:
    """Contexts of every word, as bits, by cues before it and by cues after it."""

    ahead: bytearray
    behind: bytearray


def masks(words: Words, found: Sequence[Found[Meaning]]) -> Masks:
    """What the cues `found`, given from left to right, say of every word."""
    scopes = _Scopes(words, found)
    for place, cue in enumerate(found):
        if cue.meaning.scopes:
            scopes.open(place, cue)
        if cue.meaning.relative:
            scopes.relate(place, cue)
    return scopes.masks


class _Scopes:
    """One note's scopes while they are being drawn."""

    def __init__(self, words: Words, found: Sequence[Found[Meaning]]) -> None:
        self.words, self.found = words, found
        self.masks = Masks(bytearray(len(words)), bytearray(len(words)))
        self._stops, self._joins = bytearray(len(words)), bytearray(len(words))
        self._negators, self._adds = bytearray(len(words)), bytearray(len(words))
        for place, cue in enumerate(found):
            meaning = cue.meaning
            self._joins[cue.start], self._adds[cue.start] = meaning.joins, meaning.adds
            if meaning.stops and not (meaning.asserts and self._negated_verb(place)):
                self._stops[cue.start] = sum(BITS[context] for context in meaning.stops)
            self._negators[cue.start] = any(
                scope.context is Context.NEGATED and not scope.behind for scope in meaning.scopes
            )

    def open(self, place: int, cue: Found[Meaning]) -> None:
        """Draw the scopes of one cue; "no" and its verb are one cue."""
        verb = self._verb(place, cue)
        for scope in cue.meaning.scopes:
            if scope.answers and not self._answers(cue):
                continue
            if scope.behind:
                self._behind(cue, scope)
            elif verb is None or scope.context is not Context.NEGATED:
                self._ahead(cue.start, cue.end, scope)
            else:
                whole = Found(cue.start, verb.end, cue.meaning)
                self._ahead(whole.start, whole.end, _WHOLE if cue.meaning.weak else scope)
                if self._ends(whole.end):
                    self._behind(whole, _REST)

    def relate(self, place: int, cue: Found[Meaning]) -> None:
        """Open a scope where something is said of a relative's health."""
        gaps = self.words.gaps
        if cue.end < len(self.words) and gaps[cue.end] in (PAREN, COLON):
            self._ahead(cue.start, cue.end, _KIN)
            return
        for other in self.found[place + 1 : place + 1 + _RELATIVE]:
            between = gaps[cue.end : other.start + 1]
            if other.start - cue.end > _RELATIVE or max(between, default=0) >= CLAUSE:
                return
            meaning = other.meaning
            if meaning.speaks or meaning.relative or self._stops[other.start] & _FAMILY:
                return
            if meaning.affected:
                self._ahead(cue.end - 1, other.end, _KIN)
                return

    def _verb(self, place: int, cue: Found[Meaning]) -> Found[Meaning] | None:
        """The verb that a negation takes in: "no (se) observan", "sin presentar"."""
        if place + 1 == len(self.found) or not self._negates(cue.meaning):
            return None
        verb = self.found[place + 1]
        between = self.words.gaps[cue.end : verb.start + 1]
        near = verb.start - cue.end <= (_VERB if cue.meaning.weak else 0)
        return verb if verb.meaning.asserts and near and max(between) <= PAREN else None

    def _negated_verb(self, place: int) -> bool:
        before = self.found[place - 1] if place else None
        return before is not None and self._verb(place - 1, before) is not None

    @staticmethod
    def _negates(meaning: Meaning) -> bool:
        return any(
            scope.context is Context.NEGATED and not scope.behind for scope in meaning.scopes
        )

    def _answers(self, cue: Found[Meaning]) -> bool:
        end, gaps = cue.end, self.words.gaps
        asked = cue.start > 0 and gaps[cue.start] in (PAREN, COLON)
        return asked and (end == len(self.words) or gaps[end] >= PAREN)

    def _ends(self, place: int) -> bool:
        return place == len(self.words) or self.words.gaps[place] >= COMMA

    def _ahead(self, start: int, end: int, scope: Scope) -> None:
        bit, mask = BITS[scope.context], self.masks.ahead
        gaps, depths = self.words.gaps, self.words.depths
        for place in range(start + 1, end):
            mask[place] |= bit
        for place in range(end, min(end + scope.reach, len(self.words))):
            gap = gaps[place]
            if gap >= CLAUSE or (gap == COLON and place > end) or depths[place] < depths[start]:
                break
            if self._stops[place] & bit or (scope.single and self._adds[place]):
                break
            if gap == COMMA and not (scope.lists or self._lists(place, bit)):
                break
            mask[place] |= bit

    def _lists(self, start: int, bit: int) -> bool:
        """Whether what follows the comma before word `start` goes on with a list."""
        for place in range(start, min(start + _LIST, len(self.words))):
            if place > start and self.words.gaps[place] >= COLON:
                return False
            if self._joins[place]:
                return True
            if self._stops[place] & bit or (bit == _NEGATED and self._negators[place]):
                return False
        return False

    def _behind(self, cue: Found[Meaning], scope: Scope) -> None:
        """Draw a scope back from the cue; "y negativo" speaks of what follows, not of this."""
        bit, mask, gaps = BITS[scope.context], self.masks.behind, self.words.gaps
        if cue.start and self._adds[cue.start - 1]:
            return
        listed = False
        for place in range(cue.start - 1, max(cue.start - 1 - scope.reach, -1), -1):
            gap = gaps[place + 1]
            direct = place + 1 == cue.start
            if gap >= SENTENCE or gap == CLAUSE or (gap == COLON and not direct):
                break
            if gap == COMMA and not listed:
                break
            if self._stops[place] & bit:
                break
            mask[place] |= bit
            listed = listed or bool(self._joins[place] or self._adds[place])
