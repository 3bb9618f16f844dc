"""Aggregators: hidden states -> hidden states that know more of their context."""

from core.aggregators.ram import RAM

__all__ = ["RAM"]
