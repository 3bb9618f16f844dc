"""Inference: a note in, ranked suggestions with evidence out."""

from core.inference.coder import Coder
from core.inference.measuring import fused_figures, judge
from core.inference.shipped import shipped_checkpoint

__all__ = ["Coder", "fused_figures", "judge", "shipped_checkpoint"]
