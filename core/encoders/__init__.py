"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bert import Bert
from core.encoders.bigru import BiGRU
from core.encoders.conv import Conv
from core.encoders.dilated import Dilated
from core.encoders.gated_conv import GatedConv
from core.encoders.lstm import LSTM
from core.encoders.multi_res import MultiRes
from core.encoders.words import Words

__all__ = ["LSTM", "Bert", "BiGRU", "Conv", "Dilated", "GatedConv", "MultiRes", "Words"]
