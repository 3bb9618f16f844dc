"""Label-wise attention (CAML; MARN eq. 12-15; LAAT): every code looks at the note for itself."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.decoders.label_logits import label_logits
from core.errors import BadSettings
from core.parts import Decoder


@dataclass(frozen=True, kw_only=True)
class LabelAttention:
    """logit of code c = <w_c, v_c> + b_c, with v_c the note as code c attends to it.

    Codes compare their queries with the hidden states, or with tanh(W h) of width `projection`
    (LAAT, Vu et al. 2020).
    """

    projection: int | None = None  # d_a; LAAT: 256 for the top 50, 512 for full codes

    def build(self, width: int, labels: int) -> Decoder:
        return LabelAttentionDecoder(width, labels, projection=self.projection)


class LabelAttentionDecoder(Decoder):
    """Cross-attention with one learned query per code; Xavier-uniform start."""

    def __init__(self, width: int, labels: int, *, projection: int | None = None) -> None:
        super().__init__()
        self.project = nn.Linear(width, projection, bias=False) if projection else None
        self.query_LD = nn.Parameter(torch.empty(labels, projection or width))
        self.weight_LD = nn.Parameter(torch.empty(labels, width))
        self.bias_L = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.query_LD)
        nn.init.xavier_uniform_(self.weight_LD)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL without ever building the codes x tokens matrix (MARN eq. 12-15)."""
        query_LD, weight_LD, bias_L = (
            part if codes_C is None else part[codes_C]
            for part in (self.query_LD, self.weight_LD, self.bias_L)
        )
        keys_BSA = self.keys(hidden_BSD)
        return label_logits(query_LD, weight_LD, keys_BSA, hidden_BSD, mask_BS) + bias_L

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:
        """Give attention_BCS of the codes asked for (MARN eq. 12)."""
        scores_BCS = self.query_LD[codes_C] @ self.keys(hidden_BSD).transpose(1, 2)
        return scores_BCS.masked_fill(~mask_BS[:, None, :], float("-inf")).softmax(dim=2)

    def keys(self, hidden_BSD: Tensor) -> Tensor:
        """What queries are compared with: the states themselves, or projected (LAAT)."""
        return hidden_BSD if self.project is None else torch.tanh(self.project(hidden_BSD))

    def start_at(self, direction_LD: Tensor, known_L: Tensor) -> None:
        """Let known codes look for, and count, what lies in their direction (rows of length 1).

        Queries and weights keep the length they were drawn with; the other codes keep theirs.
        """
        if self.project is not None:
            raise BadSettings("titled_start needs label attention without a projection")
        with torch.no_grad():
            for part_LD in (self.query_LD, self.weight_LD):
                length = part_LD.norm(dim=1).mean()
                part_LD.copy_(torch.where(known_L[:, None], direction_LD * length, part_LD))

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale weights and shift biases; attention stays as it is."""
        with torch.no_grad():
            self.weight_LD.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)
