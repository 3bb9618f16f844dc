"""Every position looks at every other (Fusion, Luo et al. 2021: key-query attention)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import BadSettings
from core.parts import Aggregator


@dataclass(frozen=True, kw_only=True)
class SelfAttention:
    """Global features from local ones: where a position stands is added, then it attends.

    One transformer layer (Vaswani et al. 2017, post-norm, without dropout inside as in the
    authors' code), then tanh and dropout.
    """

    heads: int = 4  # authors' code
    feedforward: int = 1024  # authors' code
    dropout: float = 0.2  # authors' code

    def build(self, width: int) -> Aggregator:
        if width % self.heads:
            raise BadSettings(
                f"{self.heads} attention heads cannot share a hidden width of {width}; "
                "choose a width that divides by them."
            )
        return SelfAttentionAggregator(width, self)


class SelfAttentionAggregator(Aggregator):
    """O = dropout(tanh(transformer layer(H + positions)))."""

    def __init__(self, width: int, settings: SelfAttention) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(
            width, settings.heads, settings.feedforward, dropout=0.0, batch_first=True
        )
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor) -> Tensor:
        """Give hidden_BSD; padding is looked at by no position, and stays zero."""
        placed_BSD = hidden_BSD + positions(hidden_BSD)
        attended_BSD = self.layer(placed_BSD, src_key_padding_mask=~mask_BS)
        result: Tensor = self.dropout(torch.tanh(attended_BSD)) * mask_BS.unsqueeze(2)
        return result


def positions(hidden_BSD: Tensor) -> Tensor:
    """Give places_SD: sines and cosines of the position, wave by wave (Vaswani et al. sec. 3.5)."""
    places, width = hidden_BSD.shape[1:]
    place_S1 = torch.arange(places, device=hidden_BSD.device).unsqueeze(1)
    channel_D = torch.arange(width, device=hidden_BSD.device)
    angle_SD = place_S1 / 10_000 ** (2 * (channel_D // 2) / width)
    return torch.where(channel_D % 2 == 0, angle_SD.sin(), angle_SD.cos()).to(hidden_BSD.dtype)
