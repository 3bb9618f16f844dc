"""The bridge between two languages: which English stems a Spanish stem stands for, and back.

Learned from notes and their translations alone (`core.memory.translation`); it is what lets an
English code title, or a phrase marked in a Spanish note, be found in a note of the other language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.memory.words import Weights

Lexicon = Mapping[str, Weights]
SURE = 1.6  # a translation this much likelier than half is as good as the word itself


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """Translation probabilities p(target | source) of stems, one lexicon a source language."""

    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)  # "es": Spanish -> English

    def meanings(self, stem: str, language: str) -> dict[str, float]:
        """The stem itself (1) and what it stands for in the other language (at most 1)."""
        found = {stem: 1.0}
        for target, probability in self.lexicons.get(language, {}).get(stem, {}).items():
            found[target] = max(found.get(target, 0.0), min(1.0, SURE * probability))
        return found

    def saying(self, word: str, least: float) -> set[str]:
        """The stems of either language that mean this one at least so surely."""
        return {stem for stem, sure in self._backwards.get(word, ()) if sure >= least}

    @cached_property
    def _backwards(self) -> Mapping[str, list[tuple[str, float]]]:
        found: dict[str, list[tuple[str, float]]] = {}
        for lexicon in self.lexicons.values():
            for stem, targets in lexicon.items():
                for target, probability in targets.items():
                    found.setdefault(target, []).append((stem, min(1.0, SURE * probability)))
        return found
