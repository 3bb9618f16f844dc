"""Aggregators: hidden states -> hidden states that know more of their context."""

from core.aggregators.ram import RAM
from core.aggregators.self_attention import SelfAttention

__all__ = ["RAM", "SelfAttention"]
