"""Phrase memory: which phrases stand for which codes, and how often they did not."""

from core.memory.abbreviations import NO_ABBREVIATIONS, Abbreviations, read_abbreviations
from core.memory.bridge import Bridge
from core.memory.edits import NO_EDITS, Edits, SitePhrase
from core.memory.known import Known, holding, known, places
from core.memory.listed import NOTHING_LISTED, Listed
from core.memory.memory import WHOLE, Mention, PhraseMemory, Reading
from core.memory.phrases import Phrase, Source, evidence_phrases, listed_phrases, words_of
from core.memory.storing import dump_memory, load_memory
from core.memory.translation import learn_bridge
from core.memory.words import phrase_words, stem

__all__ = [
    "NOTHING_LISTED",
    "NO_ABBREVIATIONS",
    "NO_EDITS",
    "WHOLE",
    "Abbreviations",
    "Bridge",
    "Edits",
    "Known",
    "Listed",
    "Mention",
    "Phrase",
    "PhraseMemory",
    "Reading",
    "SitePhrase",
    "Source",
    "dump_memory",
    "evidence_phrases",
    "holding",
    "known",
    "learn_bridge",
    "listed_phrases",
    "load_memory",
    "phrase_words",
    "places",
    "read_abbreviations",
    "stem",
    "words_of",
]
