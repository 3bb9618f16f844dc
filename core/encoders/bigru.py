"""Bidirectional GRU (MARN sec. 3.2, eq. 1-3)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core.encoders.recurrence import bidirectional
from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class BiGRU:
    """h_i = [forward GRU(x_i); backward GRU(x_i)], so the hidden width is twice `hidden`."""

    hidden: int = 300  # d_r per direction; MT-RAM sec. 4.3

    def build(self, embedding: int) -> Encoder:
        return BiGRUEncoder(embedding, self.hidden)


class BiGRUEncoder(Encoder):
    """Reads each note in both directions, up to its own last token."""

    def __init__(self, embedding: int, hidden: int) -> None:
        super().__init__()
        self.width = 2 * hidden
        self.gru = nn.GRU(embedding, hidden, batch_first=True, bidirectional=True)

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTD, mask_BT): S = T. Masked positions must follow the real ones."""
        learning = torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")
        if tokens_BTE.device.type == "cpu" and learning:
            return bidirectional(self.gru, tokens_BTE, mask_BT), mask_BT
        return read(self.gru, tokens_BTE, mask_BT), mask_BT


def read(network: nn.GRU | nn.LSTM, tokens_BTE: Tensor, mask_BT: Tensor) -> Tensor:
    """Give hidden_BTD of a recurrent network; each note is read up to its own last token."""
    if bool(mask_BT.all()):  # nothing to skip: the plain kernel, the same numbers
        plain_BTD: Tensor = network(tokens_BTE)[0]
        return plain_BTD
    lengths = mask_BT.sum(dim=1).cpu()
    packed = pack_padded_sequence(tokens_BTE, lengths, batch_first=True, enforce_sorted=False)
    hidden_BTD, _ = pad_packed_sequence(
        network(packed)[0], batch_first=True, total_length=mask_BT.shape[1]
    )
    return hidden_BTD
