"""Encoders: embedded tokens -> hidden states."""

from core.encoders.bigru import BiGRU
from core.encoders.conv import Conv
from core.encoders.dilated import Dilated
from core.encoders.lstm import LSTM
from core.encoders.multi_res import MultiRes

__all__ = ["LSTM", "BiGRU", "Conv", "Dilated", "MultiRes"]
