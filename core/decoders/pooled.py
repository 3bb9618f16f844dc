"""One vector for the whole note, then a linear layer: the CNN and the BiGRU of the CAML paper."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.errors import BadSettings
from core.parts import Decoder


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """logit of code c = <w_c, v> + b_c, with the same v for every code.

    "max": v is the largest value of each channel over the note. "ends": v is the last state of
    each direction of a bidirectional encoder, whose forward half ends at the last word and whose
    backward half ends at the first.
    """

    pooling: Literal["max", "ends"] = "max"

    def build(self, width: int, labels: int) -> Decoder:
        return PooledDecoder(width, labels, pooling=self.pooling)


class PooledDecoder(Decoder):
    """Codes share one view of the note, so there is no label attention; Xavier-uniform start."""

    looks = False

    def __init__(self, width: int, labels: int, *, pooling: Literal["max", "ends"]) -> None:
        super().__init__()
        self.pool = _largest if pooling == "max" else _ends
        self.weight_LD = nn.Parameter(torch.empty(labels, width))
        self.bias_L = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.weight_LD)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL, or logits_BC of the codes asked for; only real positions are pooled."""
        weight_LD, bias_L = (
            part if codes_C is None else part[codes_C] for part in (self.weight_LD, self.bias_L)
        )
        return linear(self.pool(hidden_BSD, mask_BS), weight_LD, bias_L)

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:  # noqa: ARG002  # the contract's
        """Refuse: whatever was returned would not be where the code looked."""
        raise BadSettings(
            "this model pools the note and has no label attention; use integrated_gradients"
        )

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale weights and shift biases."""
        with torch.no_grad():
            self.weight_LD.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)


def _largest(hidden_BSD: Tensor, mask_BS: Tensor) -> Tensor:
    return hidden_BSD.masked_fill(~mask_BS.unsqueeze(2), float("-inf")).amax(dim=1)


def _ends(hidden_BSD: Tensor, mask_BS: Tensor) -> Tensor:
    half = hidden_BSD.shape[2] // 2
    notes_B = torch.arange(len(hidden_BSD), device=hidden_BSD.device)
    last_B = mask_BS.sum(dim=1) - 1  # masked positions follow the real ones
    return torch.cat([hidden_BSD[notes_B, last_B, :half], hidden_BSD[:, 0, half:]], dim=1)
