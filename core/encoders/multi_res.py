"""Several widths of window side by side, each with a residual block (MultiResCNN; Fusion).

MultiResCNN: Li and Yu 2020, sec. "Multi-Filter Convolutional Layer" and "Residual Convolutional
Layer". Fusion (Luo et al. 2021) compresses the windows of neighbouring words into one position
between the two.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core.errors import BadSettings
from core.layers import Block, MaskedNoteNorm, convolution
from core.parts import Encoder, MaskedBatchNorm

NORMS = {"batch": MaskedBatchNorm, "note": MaskedNoteNorm}


@dataclass(frozen=True, kw_only=True)
class MultiRes:
    """For each kernel: tanh(block(x) + shortcut(x)) with x = tanh(conv(words)); side by side.

    `compress` neighbouring positions become one before the residual block, weighted by what a
    learned score says of them (Fusion's attentive soft-pooling). `norm` stands after every
    convolution of the residual block: over the batch (MultiResCNN) or over the note (Fusion).
    """

    filters: int = 50  # d_f of each kernel; authors' code
    kernels: tuple[int, ...] = (3, 5, 9, 15, 19, 25)  # authors' code
    dropout: float = 0.2  # authors' code
    compress: int = 1
    norm: Literal["batch", "note"] = "batch"

    def build(self, embedding: int) -> Encoder:
        if not self.kernels or any(kernel % 2 == 0 for kernel in self.kernels):
            raise BadSettings(f"MultiRes needs odd kernels, one at least; not {self.kernels}")
        return MultiResEncoder(embedding, self)


class MultiResEncoder(Encoder):
    """Reads a note through every kernel; a position is a word, or `compress` words."""

    def __init__(self, embedding: int, settings: MultiRes) -> None:
        super().__init__()
        self.width = settings.filters * len(settings.kernels)
        self.compress = settings.compress
        self.channels = nn.ModuleDict(
            {str(kernel): Channel(embedding, kernel, settings) for kernel in settings.kernels}
        )

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS); S is T over `compress`, rounded up."""
        real_BET = (tokens_BTE * mask_BT.unsqueeze(2)).transpose(1, 2)
        mask_BS = windows(mask_BT, self.compress).any(dim=2)
        parts = [channel(real_BET, mask_BT, mask_BS) for channel in self.channels.values()]
        return torch.cat(parts, dim=1).transpose(1, 2).contiguous(), mask_BS

    def on_tokens(self, scores_BCS: Tensor, mask_BT: Tensor) -> Tensor:
        """Give scores_BCT: a compressed position's score falls evenly on its real words."""
        if self.compress == 1:
            return scores_BCS
        real_BSP = windows(mask_BT, self.compress)
        shares_BCS = scores_BCS / real_BSP.sum(dim=2).clamp(min=1).unsqueeze(1)
        spread_BCSP = shares_BCS.unsqueeze(3) * real_BSP.unsqueeze(1)
        return spread_BCSP.flatten(2)[:, :, : mask_BT.shape[1]]


class Channel(nn.Module):
    """One kernel's way through the note."""

    def __init__(self, embedding: int, kernel: int, settings: MultiRes) -> None:
        super().__init__()
        norm = NORMS[settings.norm]
        self.base = nn.Conv1d(embedding, embedding, kernel, padding=kernel // 2)
        nn.init.xavier_uniform_(self.base.weight)
        self.pool = SoftPool(embedding, settings.compress) if settings.compress > 1 else None
        self.block = Block(embedding, settings.filters, kernel=kernel, norm=norm)
        self.shortcut = convolution(embedding, settings.filters, 1)
        self.shortcut_norm = norm(settings.filters)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, words_BET: Tensor, mask_BT: Tensor, mask_BS: Tensor) -> Tensor:
        """Give hidden_BDS, D filters; zero where masked. words_BET is zero where masked."""
        hidden_BES = torch.tanh(self.base(words_BET)) * mask_BT.unsqueeze(1)
        if self.pool is not None:
            hidden_BES = self.pool(hidden_BES, mask_BT)
        direct_BDS = self.shortcut_norm(self.shortcut(hidden_BES), mask_BS)
        result: Tensor = self.dropout(torch.tanh(self.block(hidden_BES, mask_BS) + direct_BDS))
        return result


class SoftPool(nn.Module):
    """sum over the words of a window of softmax(<u, x>) x (Fusion, attentive soft-pooling)."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.score = nn.Conv1d(channels, 1, 1, bias=False)

    def forward(self, hidden_BET: Tensor, mask_BT: Tensor) -> Tensor:
        """Give hidden_BES, S windows without overlap; only real words have a weight."""
        score_BT = self.score(hidden_BET).squeeze(1)
        lowest = torch.finfo(score_BT.dtype).min  # not -inf: a window may hold no real word
        score_BSP = windows(score_BT.masked_fill(~mask_BT, lowest), self.size, filler=lowest)
        weight_BSP = score_BSP.softmax(dim=2)
        return (windows(hidden_BET, self.size) * weight_BSP.unsqueeze(1)).sum(dim=3)


def windows(values_xT: Tensor, size: int, *, filler: float = 0) -> Tensor:
    """Cut the last axis into windows of `size`; what the last window lacks is `filler`."""
    filled_xT = pad(values_xT, (0, -values_xT.shape[-1] % size), value=filler)
    return filled_xT.reshape(*filled_xT.shape[:-1], -1, size)
