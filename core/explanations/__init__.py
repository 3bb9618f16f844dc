"""Explanations: why a model gave a code its score, as scores on the words of the note."""

from core.explanations.methods import METHODS, Reading, explain
from core.explanations.passages import Passage, passages
from core.explanations.spans import SHOWN_FROM, spans, words
from core.explanations.tuning import Marked, Tuned, tune

__all__ = [
    "METHODS",
    "SHOWN_FROM",
    "Marked",
    "Passage",
    "Reading",
    "Tuned",
    "explain",
    "passages",
    "spans",
    "tune",
    "words",
]
