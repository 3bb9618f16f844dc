"""Recalibrated aggregation module (MARN sec. 3.3, eq. 4-11; MT-RAM sec. 3.2)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core.errors import BadSettings
from core.layers import Block
from core.parts import Aggregator


@dataclass(frozen=True, kw_only=True)
class RAM:
    """Down, lateral and up blocks of convolutions that recalibrate the encoder's states.

    `up` says how an up block is made: "paper" is one deconvolution and one convolution (eq. 6),
    "released" is two deconvolutions, as in the authors' code. `recalibration` joins the
    aggregated context to the states: by product (eq. 11) or by sum (MT-RAM's ablation).
    `identity_start` starts training with a context that hardly changes the states (about 1 in a
    product, 0 in a sum); the papers are silent on it (decision 3 has what it gains).
    """

    kernel: int = 3  # MARN sec. 3.3
    dropout: float = 0.2  # MARN sec. 4.2
    up: Literal["paper", "released"] = "paper"
    recalibration: Literal["product", "sum"] = "product"
    identity_start: bool = True

    def build(self, width: int) -> Aggregator:
        if width < 4 or self.kernel % 2 == 0:
            raise BadSettings(
                f"RAM halves the hidden width twice and needs an odd kernel; width {width} with "
                f"kernel {self.kernel} does not fit. Use a width of at least 4."
            )
        return RAMAggregator(width, self)


class RAMAggregator(Aggregator):
    """O = dropout(tanh(UB(UB(LB(D2)) + D1) * H)) with D1 = DB(H), D2 = DB(D1)."""

    def __init__(self, width: int, settings: RAM) -> None:
        super().__init__()
        kernel, half, quarter = settings.kernel, width // 2, width // 4
        both = settings.up == "released"
        self.down1 = Block(width, half, kernel=kernel)
        self.down2 = Block(half, quarter, kernel=kernel)
        self.lateral = Block(quarter, quarter, kernel=kernel)
        self.up1 = Block(quarter, half, kernel=kernel, deconvolve=(True, both))
        self.up2 = Block(half, width, kernel=kernel, deconvolve=(True, both))
        self.recalibration = settings.recalibration
        self.dropout = nn.Dropout(settings.dropout)
        if settings.identity_start:
            last = self.up2.get_submodule("second_norm.norm")
            nn.init.constant_(last.get_parameter("weight"), 0.1)
            start = 1.0 if self.recalibration == "product" else 0.0
            nn.init.constant_(last.get_parameter("bias"), start)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor) -> Tensor:
        """Refine note states with wider context (MARN eq. 7-11).

        hidden_BSD and the result share a shape; padded positions stay zero.
        """
        hidden_BDS = hidden_BSD.transpose(1, 2)
        down1 = self.down1(hidden_BDS, mask_BS)
        down2 = self.down2(down1, mask_BS)
        up1 = self.up1(self.lateral(down2, mask_BS), mask_BS) + down1
        context_BDS = self.up2(up1, mask_BS)
        if self.recalibration == "product":
            joined_BDS = context_BDS * hidden_BDS
        else:
            joined_BDS = context_BDS + hidden_BDS
        # contiguous: attention over a transposed view is slower by a fifth
        result: Tensor = self.dropout(torch.tanh(joined_BDS)).transpose(1, 2).contiguous()
        return result
