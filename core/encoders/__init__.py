"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bigru import BiGRU
from core.encoders.conv import Conv
from core.encoders.gated_conv import GatedConv
from core.encoders.words import Words

__all__ = ["BiGRU", "Conv", "GatedConv", "Words"]
