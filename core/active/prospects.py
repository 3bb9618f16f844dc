"""What coding a note next may teach, from what memory and the model say of it.

Pure functions: the same reading, suggestions and memory give the same prospect. The weights in
WORTH were chosen by cross-validation inside CodiEsp train (decision 26).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.active.known import Known
from core.active.units import Kind, Unit, number_of
from core.memory import WHOLE, Mention, PhraseMemory, Reading, Source
from core.types import Code, Suggestion

RARE = 3  # coded notes below which a code is rare
LIKELY = 0.5
UNSURE = (0.2, 0.8)
UNLIKELY = 0.1  # as in core.checks.branches
MOST_UNITS = 64  # of a note: its words that say least are left out
WORTH: Mapping[Kind, float] = {
    Kind.WORD: 1.0,
    Kind.UNDECIDED: 0.25,
    Kind.RARE: 0.25,
    Kind.UNSURE: 0.25,
    Kind.DISPUTED: 0.25,  # not measured: in the simulation there is no category branch
}


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """Counts that a coder can check, and the units that matter most, the most telling first."""

    units: tuple[Unit, ...]
    counts: Mapping[Kind, int]  # of all units of a kind, zeros left out; of words, the new ones
    expected: float  # codes


def prospect(
    reading: Reading, ranked: Sequence[Suggestion], memory: PhraseMemory, known: Known
) -> Prospect:
    """Of a note that memory read; `ranked` are the model's codes and categories, or none."""
    named = _named(reading)
    stems = {word.stem for word in reading.words}
    units = [
        *_words(stems, named, known),
        *_undecided(reading, memory),
        *_rare(ranked, memory),
        *_unsure(ranked),
        *_disputed(ranked),
    ]
    kinds = (unit.kind for unit in units if unit.kind is not Kind.WORD or unit.met == 0)
    units.sort(key=lambda unit: -unit.worth / (1 + unit.met))
    return Prospect(
        units=tuple(units[:MOST_UNITS]),
        counts=Counter(kinds),
        expected=sum(each.probability for each in ranked if each.task == "icd"),
    )


def _named(reading: Reading) -> set[str]:
    """The words that stand in a title or inclusion term which the note holds in full."""
    full = [each for each in reading.mentions if _listed(each)]
    return {reading.words[place].stem for each in full for place in each.words}


def _listed(mention: Mention) -> bool:
    return mention.source is not Source.EVIDENCE and mention.coverage >= WHOLE


def _words(stems: Iterable[str], named: set[str], known: Known) -> Iterator[Unit]:
    for stem in sorted(stems):
        worth = WORTH[Kind.WORD] * known.evidence(stem, named=stem in named)
        yield Unit(Kind.WORD, number_of(Kind.WORD, stem), worth, known.met(stem))


def _undecided(reading: Reading, memory: PhraseMemory) -> Iterator[Unit]:
    """Codes whose title or inclusion term stands in the note, and that no coder met yet."""
    met = {each.code for each in reading.mentions if each.marked or each.found}
    named = {each.code for each in reading.mentions if _listed(each)}
    for code in sorted(named - met):
        if not memory.codes[code]:
            yield _unit(Kind.UNDECIDED, code)


def _rare(ranked: Iterable[Suggestion], memory: PhraseMemory) -> Iterator[Unit]:
    for each in ranked:
        if each.task == "icd" and each.probability >= LIKELY and 0 < memory.codes[each.code] < RARE:
            yield _unit(Kind.RARE, each.code)


def _unsure(ranked: Iterable[Suggestion]) -> Iterator[Unit]:
    for each in ranked:
        if each.task == "icd" and UNSURE[0] <= each.probability <= UNSURE[1]:
            yield _unit(Kind.UNSURE, each.code, 4 * each.probability * (1 - each.probability))


def _disputed(ranked: Sequence[Suggestion]) -> Iterator[Unit]:
    """Categories that are likely though none of their codes is, and the other way round."""
    best: dict[Code, float] = {}
    for each in ranked:
        if each.task == "icd" and each.category is not None:
            best[each.category] = max(best.get(each.category, 0.0), each.probability)
    for each in ranked:
        if each.task == "ccs" and each.code in best:
            branches = each.probability, best[each.code]
            if max(branches) >= LIKELY and min(branches) <= UNLIKELY:
                yield _unit(Kind.DISPUTED, each.code, max(branches) - min(branches))


def _unit(kind: Kind, code: Code, share: float = 1.0) -> Unit:
    return Unit(kind, number_of(kind, str(code)), WORTH[kind] * share)
