"""Comparing: two models on the same notes, by how much they differ, and what could be chance."""

from core.comparing.cases import Case, Ranked, of_corpus, of_lessons
from core.comparing.comparison import CodeFigure, Comparison, Figure, Side, Standing, Verdict
from core.comparing.places import FIRST, Place, Places
from core.comparing.running import compare
from core.comparing.tally import Tally

__all__ = [
    "FIRST",
    "Case",
    "CodeFigure",
    "Comparison",
    "Figure",
    "Place",
    "Places",
    "Ranked",
    "Side",
    "Standing",
    "Tally",
    "Verdict",
    "compare",
    "of_corpus",
    "of_lessons",
]
