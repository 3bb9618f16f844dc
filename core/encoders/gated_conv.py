"""Gated convolutions with embedding injection (GatedCNN-NCI, Ji, Pan & Marttinen 2021)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, dropout, pad

from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class GatedConv:
    """Dilated convolutions, gated as an LSTM's steps are, with one set of weights for all levels.

    Level d sees words and states d apart, up to its own place: a = U * x + W * h + b (the words are
    injected into every level), c_t = f c_t-d + i g, h_t = o tanh(c_t), where i, o, f are sigmoids
    and g is the tanh of their quarter of a. The same weights read the note backwards; the last
    `outputs` channels of both directions are the states: the hidden width is twice `outputs`.

    Equations and sizes as in the public port of the authors' code (AnEMIC benchmark).
    """

    outputs: int = 50  # per direction: twice as many is the width of the word vectors
    hidden: int = 100  # channels besides, that only the next level sees
    kernel: int = 3
    levels: int = 3  # dilations 1, 2, 3
    dropout: float = 0.2  # of states between levels and of outputs: whole channels of a note

    def build(self, embedding: int) -> Encoder:
        return GatedConvEncoder(embedding, self)


class GatedConvEncoder(Encoder):
    """Reads each note in both directions, up to its own last token."""

    def __init__(self, embedding: int, settings: GatedConv) -> None:
        super().__init__()
        self.width = 2 * settings.outputs
        self.settings = settings
        channels = settings.hidden + settings.outputs
        self.words = nn.Conv1d(embedding, 4 * channels, settings.kernel, bias=False)
        self.states = nn.Conv1d(channels, 4 * channels, settings.kernel)
        for part in (*self.words.parameters(), *self.states.parameters()):
            nn.init.normal_(part, std=0.01)  # the authors' code

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTD, mask_BT): S = T. Masked positions must follow the real ones."""
        real_BTE = tokens_BTE * mask_BT.unsqueeze(2)
        backwards_BT1 = _backwards(mask_BT).unsqueeze(2)
        turned_BTE = real_BTE.gather(1, backwards_BT1.expand_as(real_BTE))
        forward_BTD, turned_BTD = self._read(real_BTE), self._read(turned_BTE)
        backward_BTD = turned_BTD.gather(1, backwards_BT1.expand_as(turned_BTD))
        hidden_BTD = torch.cat([forward_BTD, backward_BTD], dim=2)
        return hidden_BTD * mask_BT.unsqueeze(2), mask_BT

    def _read(self, tokens_BTE: Tensor) -> Tensor:
        """States of one direction: a position sees itself and what came before it."""
        channels, notes = self.states.in_channels, len(tokens_BTE)
        words_BET = tokens_BTE.transpose(1, 2)
        state_BDT = words_BET.new_zeros(notes, channels, words_BET.shape[2])
        cell_BDT = state_BDT
        kept_BD1 = self._kept(state_BDT.new_ones(notes, channels, 1))
        for dilation in range(1, self.settings.levels + 1):
            gates_BXT = self._seen(self.words, words_BET, dilation)
            gates_BXT = gates_BXT + self._seen(self.states, state_BDT * kept_BD1, dilation)
            into, out, new, keep = gates_BXT.chunk(4, dim=1)
            before_BDT = pad(cell_BDT, (dilation, 0))[:, :, : cell_BDT.shape[2]]
            cell_BDT = keep.sigmoid() * before_BDT + into.sigmoid() * new.tanh()
            state_BDT = out.sigmoid() * cell_BDT.tanh()
        outputs_BDT = state_BDT[:, -self.settings.outputs :]
        kept_BD1 = self._kept(outputs_BDT.new_ones(notes, self.settings.outputs, 1))
        return (outputs_BDT * kept_BD1).transpose(1, 2)

    def _seen(self, convolution: nn.Conv1d, what_BXT: Tensor, dilation: int) -> Tensor:
        before = (self.settings.kernel - 1) * dilation
        return conv1d(
            pad(what_BXT, (before, 0)), convolution.weight, convolution.bias, dilation=dilation
        )

    def _kept(self, ones_BD1: Tensor) -> Tensor:
        """A channel is dropped in the whole note or nowhere (variational dropout)."""
        return dropout(ones_BD1, self.settings.dropout, self.training)


def _backwards(mask_BT: Tensor) -> Tensor:
    """Where each position of a note stands when it is read from its last word; padding stays."""
    places_T = torch.arange(mask_BT.shape[1], device=mask_BT.device)
    turned_BT = mask_BT.sum(dim=1, keepdim=True) - 1 - places_T
    return torch.where(mask_BT, turned_BT, places_T)
