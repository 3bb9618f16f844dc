"""Phrase memory: which phrases stand for which codes, and how often they did not."""

from core.memory.abbreviations import NO_ABBREVIATIONS, Abbreviations, read_abbreviations
from core.memory.bridge import Bridge
from core.memory.listed import NOTHING_LISTED, Listed
from core.memory.memory import WHOLE, Mention, PhraseMemory, Reading
from core.memory.phrases import Phrase, Source, evidence_phrases, listed_phrases, words_of
from core.memory.storing import dump_memory, load_memory
from core.memory.translation import learn_bridge
from core.memory.words import stem

__all__ = [
    "NOTHING_LISTED",
    "NO_ABBREVIATIONS",
    "WHOLE",
    "Abbreviations",
    "Bridge",
    "Listed",
    "Mention",
    "Phrase",
    "PhraseMemory",
    "Reading",
    "Source",
    "dump_memory",
    "evidence_phrases",
    "learn_bridge",
    "listed_phrases",
    "load_memory",
    "read_abbreviations",
    "stem",
    "words_of",
]
