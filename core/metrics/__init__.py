"""Metrics: how well scores rank and decide codes, and how far explanations can be trusted."""

from core.metrics.agreement import Stability, jaccard, rank_correlation, stability, top_overlap
from core.metrics.auprc import average_precision
from core.metrics.evaluation import Metrics, best_threshold, evaluate
from core.metrics.faithfulness import (
    Curves,
    Faithfulness,
    Probabilities,
    at_random,
    comprehensiveness,
    faithfulness,
    perturbation,
    sufficiency,
)
from core.metrics.plausibility import Marked, Plausibility, cross_tuned, plausibility

__all__ = [
    "Curves",
    "Faithfulness",
    "Marked",
    "Metrics",
    "Plausibility",
    "Probabilities",
    "Stability",
    "at_random",
    "average_precision",
    "best_threshold",
    "comprehensiveness",
    "cross_tuned",
    "evaluate",
    "faithfulness",
    "jaccard",
    "perturbation",
    "plausibility",
    "rank_correlation",
    "stability",
    "sufficiency",
    "top_overlap",
]
