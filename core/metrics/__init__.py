"""Metrics: how well scores rank and decide codes."""

from core.metrics.evaluation import Metrics, best_threshold, evaluate

__all__ = ["Metrics", "best_threshold", "evaluate"]
