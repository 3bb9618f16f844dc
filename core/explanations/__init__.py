"""Explanations: why a model gave a code its score, as scores on the words of the note."""

from core.explanations.methods import METHODS, Reading, explain
from core.explanations.spans import spans, words

__all__ = ["METHODS", "Reading", "explain", "spans", "words"]
