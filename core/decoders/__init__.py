"""Decoders: hidden states -> one logit for each code of a task."""

from core.decoders.cascade import Cascade
from core.decoders.label_attention import LabelAttention
from core.decoders.pooled import Pooled

__all__ = ["Cascade", "LabelAttention", "Pooled"]
