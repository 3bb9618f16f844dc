"""Training: a row of the systems table and coded notes in, a trained model out."""

from core.training.examples import Examples
from core.training.loop import Plan, Trained, score, train

__all__ = ["Examples", "Plan", "Trained", "score", "train"]
