"""The phrases of the code tables: titles and inclusion terms, ready to be looked up."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from core.codes import CodeTables
from core.memory.abbreviations import NO_ABBREVIATIONS, Abbreviations
from core.memory.index import Key, PhraseIndex
from core.memory.phrases import Phrase, Source, listed_phrases
from core.memory.words import title_words
from core.types import Code, CodeSystem

NAMING = (Source.TITLE, Source.INCLUSION)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Phrases that name codes of the tables, and for each the codes with how they are named."""

    keys: tuple[Key, ...]
    codes: tuple[Mapping[Code, Source], ...]

    @staticmethod
    def of(phrases: Iterable[Phrase], abbreviations: Abbreviations = NO_ABBREVIATIONS) -> "Listed":
        """Put phrases of the same words together; a title counts before an inclusion term."""
        found: dict[Key, dict[Code, Source]] = {}
        for phrase in phrases:
            for text in (phrase.text, *abbreviations.variants(phrase.text)):
                key = title_words(text)
                if key and phrase.source in NAMING:
                    found.setdefault(key, {}).setdefault(phrase.code, phrase.source)
        return Listed(keys=tuple(found), codes=tuple(found.values()))

    @staticmethod
    def diagnoses(tables: CodeTables, abbreviations: Abbreviations = NO_ABBREVIATIONS) -> "Listed":
        """All of ICD-10-CM, headings included: none of it is out of reach."""
        codes = [Code(CodeSystem.ICD10CM, code) for code in tables.icd10cm.codes()]
        return Listed.of(listed_phrases(tables, codes), abbreviations)

    @cached_property
    def index(self) -> PhraseIndex:
        return PhraseIndex(self.keys, rarity(self.keys), default=math.log(2 * len(self.keys) + 2))

    @cached_property
    def number(self) -> Mapping[Key, int]:
        """Of each phrase, its place among them."""
        return {key: at for at, key in enumerate(self.keys)}

    def only(self, keys: Iterable[Key]) -> tuple[PhraseIndex, list[Mapping[Code, Source]]]:
        """An index of those of these phrases that are listed, and their codes."""
        at = [self.number[key] for key in keys if key in self.number]
        return self.index.part(at), [self.codes[each] for each in at]


def rarity(keys: Sequence[Iterable[str]]) -> dict[str, float]:
    """Inverse document frequency of every stem among the keys."""
    counts = Counter(chain.from_iterable(keys))  # a key holds a stem once
    return {word: math.log((len(keys) + 1) / (n + 0.5)) for word, n in counts.items()}


NOTHING_LISTED = Listed(keys=(), codes=())
