"""What memory knows of words: in how many coded notes each was found, and marked as evidence."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.memory import PhraseMemory

DRAWN = 2.0  # notes that a guess counts as much as
NAMING = 0.35  # how often a new word is evidence if it stands in a title that the note holds
OTHER = 0.05  # and if it does not
NUMBER = 0.005


@dataclass(frozen=True, kw_only=True)
class Known:
    """Words of coded notes. Made once for many notes; a later decision does not change it."""

    found: Mapping[str, int]  # stem -> coded notes that hold it
    marked: Mapping[str, int]  # stem -> coded notes where somebody marked it, or about as many

    @staticmethod
    def of(memory: PhraseMemory) -> "Known":
        """What is known now, in whatever language it was learned."""
        found: Counter[str] = Counter()
        for counts in list(memory.words.values()):
            found.update(counts)
        marked: Counter[str] = Counter()
        for stem, notes in _marked(memory):
            marked[stem] += notes
        return Known(found=found, marked=marked)

    def met(self, stem: str) -> int:
        """How many coded notes hold the word, as far as memory knows."""
        return max(self.found.get(stem, 0), self.marked.get(stem, 0))

    def evidence(self, stem: str, *, named: bool) -> float:
        """How probably a coder will mark the word; `named`: it stands in a title found there."""
        guess = NUMBER if stem.isdigit() else NAMING if named else OTHER
        return (self.marked.get(stem, 0) + DRAWN * guess) / (self.met(stem) + DRAWN)


def _marked(memory: PhraseMemory) -> Iterator[tuple[str, int]]:
    for (_, key), tally in list(memory.tallies.items()):
        notes = max(tally.marked.values(), default=0)
        if notes > 0:
            yield from ((stem, notes) for stem in key)
