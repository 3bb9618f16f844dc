"""Phrase memory: which phrases stand for which codes, and how often they did not."""

from core.memory.phrases import Phrase, Source, evidence_phrases, listed_phrases, words_of

__all__ = ["Phrase", "Source", "evidence_phrases", "listed_phrases", "words_of"]
