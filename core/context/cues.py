"""The cues of a language, ready to be found in a note."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.context import english, spanish
from core.context.phrases import Phrases, spelled
from core.context.rules import Meaning, Rules
from core.errors import BadSettings
from core.types import Context

_RULES: Mapping[str, Rules] = {"en": english.RULES, "es": spanish.RULES}


@dataclass(frozen=True, slots=True)
class Cues:
    """What a reader looks for: cues, headings of sections, and words that end a section."""

    cues: Phrases[Meaning]
    headings: Phrases[Context | None]
    resumes: Phrases[bool]


@lru_cache(maxsize=len(_RULES))
def cues(language: str) -> Cues:
    """The cues of "en" or "es"; BadSettings for another language."""
    if language not in _RULES:
        raise BadSettings(f"no cues for {language!r}; use one of {', '.join(sorted(_RULES))}")
    rules = _RULES[language]
    headings = {phrase: context for context, listed in rules.headings for phrase in spelled(listed)}
    resumes = dict.fromkeys(spelled(rules.resumes), True)
    return Cues(
        Phrases(_merged(rules), rules.numbers),
        Phrases(headings, rules.numbers),
        Phrases(resumes, rules.numbers),
    )


def _merged(rules: Rules) -> dict[str, Meaning]:
    meanings: dict[str, Meaning] = {}
    for meaning, listed in rules.cues:
        for phrase in _once(spelled(listed)):
            meanings[phrase] = meanings.get(phrase, Meaning()) | meaning
    return meanings | dict.fromkeys(spelled(rules.pseudo), Meaning())


def _once(phrases: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(phrases)
