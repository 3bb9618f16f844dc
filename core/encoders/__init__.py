"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bert import Bert
from core.encoders.bigru import BiGRU
from core.encoders.conv import Conv

__all__ = ["Bert", "BiGRU", "Conv"]
