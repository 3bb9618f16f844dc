"""Dilated causal convolutions with residual connections (DCAN, Ji et al. 2020)."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.parametrizations import weight_norm

from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class Dilated:
    """`levels` residual blocks, the i-th with gaps of 2^i words, then relu(linear(.)).

    Causal: a word's state knows the words before it, never those behind.
    """

    hidden: int = 600  # authors' code, options.py
    projection: int = 300  # authors' code, options.py
    levels: int = 1  # authors' code, options.py
    kernel: int = 2  # authors' code, options.py
    dropout: float = 0.2  # authors' code, options.py

    def build(self, embedding: int) -> Encoder:
        return DilatedEncoder(embedding, self)


class DilatedEncoder(Encoder):
    """One state a word, from the words up to it."""

    def __init__(self, embedding: int, settings: Dilated) -> None:
        super().__init__()
        self.width = settings.projection
        widths = [embedding, *[settings.hidden] * settings.levels]
        self.levels = nn.ModuleList(
            Level(inner, outer, gap=2**level, settings=settings)
            for level, (inner, outer) in enumerate(pairwise(widths))
        )
        self.projection = nn.Linear(widths[-1], settings.projection)
        nn.init.xavier_uniform_(self.projection.weight)

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTD, mask_BT): S = T. Masked tokens must follow the real ones."""
        hidden_BDT = tokens_BTE.transpose(1, 2)
        for level in self.levels:
            hidden_BDT = level(hidden_BDT)
        hidden_BTD = torch.relu(self.projection(hidden_BDT.transpose(1, 2)))
        return hidden_BTD * mask_BT.unsqueeze(2), mask_BT


class Level(nn.Module):
    """relu(two weight-normalised causal convolutions + shortcut), which projects where it must."""

    def __init__(self, inner: int, outer: int, *, gap: int, settings: Dilated) -> None:
        super().__init__()
        self.reach = (settings.kernel - 1) * gap
        self.first = _convolution(inner, outer, kernel=settings.kernel, gap=gap)
        self.second = _convolution(outer, outer, kernel=settings.kernel, gap=gap)
        self.shortcut = nn.Conv1d(inner, outer, 1) if inner != outer else nn.Identity()
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, hidden_BDT: Tensor) -> Tensor:
        """Give hidden_BDT of the outer width; nothing stands before the first word."""
        middle_BDT = self.dropout(torch.relu(self.first(pad(hidden_BDT, (self.reach, 0)))))
        last_BDT = self.dropout(torch.relu(self.second(pad(middle_BDT, (self.reach, 0)))))
        return torch.relu(last_BDT + self.shortcut(hidden_BDT))


def _convolution(inner: int, outer: int, *, kernel: int, gap: int) -> nn.Module:
    made = nn.Conv1d(inner, outer, kernel, dilation=gap)
    nn.init.xavier_uniform_(made.weight)
    weight_norm(made)  # in place
    return made
