"""Decoders: hidden states -> one logit for each code of a task."""

from core.decoders.label_attention import LabelAttention

__all__ = ["LabelAttention"]
