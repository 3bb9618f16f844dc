"""Layers that more than one brick is made of; like the bricks, they never look at padding."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.parts import MaskedBatchNorm


class MaskedNoteNorm(nn.Module):
    """Normalisation of each note over all its channels and real positions.

    Without padding it equals `nn.GroupNorm(1, channels)`. It knows no batch, so a note is
    normalised alike in training and afterwards.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight_D = nn.Parameter(torch.ones(channels))
        self.bias_D = nn.Parameter(torch.zeros(channels))
        self.eps = 1e-5  # as torch's

    def forward(self, hidden_BDS: Tensor, mask_BS: Tensor) -> Tensor:
        """Normalise hidden_BDS; the result is zero where masked. Sums are in float32."""
        keep_B1S, dtype = mask_BS.unsqueeze(1), hidden_BDS.dtype
        hidden_BDS = hidden_BDS.float()
        count_B11 = keep_B1S.sum(dim=2, keepdim=True) * hidden_BDS.shape[1]
        mean_B11 = (hidden_BDS * keep_B1S).sum(dim=(1, 2), keepdim=True) / count_B11
        away_BDS = (hidden_BDS - mean_B11) * keep_B1S
        variance_B11 = away_BDS.square().sum(dim=(1, 2), keepdim=True) / count_B11
        scaled_BDS = away_BDS * (variance_B11 + self.eps).rsqrt() * self.weight_D[:, None]
        return ((scaled_BDS + self.bias_D[:, None]) * keep_B1S).to(dtype)


class Block(nn.Module):
    """norm(conv(tanh(norm(conv(.))))) over the token axis, blind to padding.

    RAM's down, lateral and up blocks (MARN eq. 4-6), and MultiResCNN's two stacked convolutions.
    """

    def __init__(
        self,
        inner: int,
        outer: int,
        *,
        kernel: int,
        deconvolve: tuple[bool, bool] = (False, False),
        norm: Callable[[int], nn.Module] = MaskedBatchNorm,
    ) -> None:
        super().__init__()
        self.first = convolution(inner, outer, kernel, deconvolve=deconvolve[0])
        self.first_norm = norm(outer)
        self.second = convolution(outer, outer, kernel, deconvolve=deconvolve[1])
        self.second_norm = norm(outer)

    def forward(self, hidden_BDS: Tensor, mask_BS: Tensor) -> Tensor:
        """Give hidden_BDS with the outer width; zero where masked, as a note's edge would be."""
        middle_BDS = self.first_norm(self.first(hidden_BDS), mask_BS)
        result: Tensor = self.second_norm(self.second(torch.tanh(middle_BDS)), mask_BS)
        return result


def convolution(inner: int, outer: int, kernel: int, *, deconvolve: bool = False) -> nn.Module:
    """A convolution that keeps the number of positions (odd kernel); Xavier-uniform, no bias."""
    kind = nn.ConvTranspose1d if deconvolve else nn.Conv1d
    made = kind(inner, outer, kernel, padding=kernel // 2, bias=False)
    nn.init.xavier_uniform_(made.weight)
    return made
