"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bigru import BiGRU
from core.encoders.conv import Conv

__all__ = ["BiGRU", "Conv"]
