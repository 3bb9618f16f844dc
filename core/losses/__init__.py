"""Losses of one task: logits and multi-hot targets -> a scalar."""

from core.losses.binary import BinaryCrossEntropy, Focal

__all__ = ["BinaryCrossEntropy", "Focal"]
