"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bigru import BiGRU

__all__ = ["BiGRU"]
