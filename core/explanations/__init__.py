"""Explanations: why a model gave a code its score, as scores on the words of the note."""

from core.explanations.methods import METHODS, Reading, explain
from core.explanations.placing import EvidenceSpan, placed
from core.explanations.spans import SHOWN_FROM, spans, words
from core.explanations.tuning import Marked, Tuned, tune

__all__ = [
    "METHODS",
    "SHOWN_FROM",
    "EvidenceSpan",
    "Marked",
    "Reading",
    "Tuned",
    "explain",
    "placed",
    "spans",
    "tune",
    "words",
]
