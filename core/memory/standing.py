"""Which known phrases coded notes hold, and for which of their codes these may stand."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.memory.bridge import Bridge
from core.memory.index import FULL, Meanings, PhraseIndex, Searched, Sentences, search
from core.memory.tallies import Address, Tally
from core.types import Code

MOST_GAP = 8  # other words within a phrase, beyond which it is not the phrase
AT_ONCE = 64  # notes looked through together; keeps memory flat

Standing = dict[Address, Tally]
Sources = Sequence[tuple[Searched, Sequence[Collection[Code]]]]  # indexes, the codes of each phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A note. no: codes that are known not to stand; None: all that are not in `yes`."""

    words: Iterable[tuple[str, int]]
    language: str
    yes: frozenset[Code]
    no: frozenset[Code] | None


def standing(
    notes: Sequence[Asked], sources: Sources, indexes: Sequence[PhraseIndex], bridge: Bridge
) -> list[tuple[Standing, int]]:
    """Of each note what it counts, and how many phrases its fullest sentence holds.

    indexes: those that hold the stems of `sources`.
    """
    meanings = {
        language: Meanings(bridge, language, *indexes)
        for language in {each.language for each in notes}
    }
    found: list[tuple[Standing, int]] = []
    for first in range(0, len(notes), AT_ONCE):
        found += _together(notes[first : first + AT_ONCE], sources, meanings)
    return found


def _together(
    notes: Sequence[Asked], sources: Sources, meanings: Mapping[str, Meanings]
) -> list[tuple[Standing, int]]:
    sentences = [Sentences(each.words, meanings[each.language]) for each in notes]
    found: list[Standing] = [{} for _ in notes]
    fullest = [0] * len(notes)
    for index, codes in sources:
        matches, most = search(index, sentences, least=FULL)
        fullest = [max(pair) for pair in zip(fullest, most, strict=True)]
        for number, match in matches:
            if match.gap <= MOST_GAP:
                address = notes[number].language, index.keys[match.phrase]
                _stands(found[number], address, codes[match.phrase], notes[number], match.gap)
    return list(zip(found, fullest, strict=True))


def _stands(
    found: Standing, address: Address, meant: Collection[Code], note: Asked, gap: int
) -> None:
    """Count a phrase that the note holds, if it is known of a code whether it stands."""
    yes = [code for code in meant if code in note.yes]
    if not yes and note.no is not None and not any(code in note.no for code in meant):
        return
    tally = found.setdefault(address, Tally())
    stood = Counter(dict.fromkeys(yes, 1))
    tally.found, tally.stood = 1, stood | tally.stood
    if gap == 0:
        tally.whole, tally.stood_whole = 1, stood | tally.stood_whole
