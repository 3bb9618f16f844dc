"""Losses of one task: logits and multi-hot targets, or attention and marks -> a scalar."""

from core.losses.binary import BinaryCrossEntropy, Focal
from core.losses.description import DescriptionLoss, DescriptionReader
from core.losses.evidence import EvidenceLoss, Mark, Marks

__all__ = [
    "BinaryCrossEntropy",
    "DescriptionLoss",
    "DescriptionReader",
    "EvidenceLoss",
    "Focal",
    "Mark",
    "Marks",
]
