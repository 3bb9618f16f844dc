"""Inference: a note in, ranked suggestions with evidence out."""

from core.inference.coder import Coder
from core.inference.shipped import shipped_checkpoint

__all__ = ["Coder", "shipped_checkpoint"]
