"""Note-code interaction (Ji, Pan & Marttinen 2021): messages between the words and the codes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.decoders.code_texts import CodeTexts
from core.errors import BadSettings
from core.parts import Decoder, Knowledge


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """logit of code c = <p * w_c, sum over positions t of <e_c, h_t> h_t> + b_c.

    Notes and codes are the two sides of a graph: the edge between position t and code c weighs
    <e_c, h_t>, with e_c the mean word vector of the text on c, and each position sends its state
    along its edges. The vector p is shared by all codes (the authors' projection layer).
    """

    def build_informed(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> Decoder:
        if width != words_VE.shape[1]:
            raise BadSettings(
                f"note-code interaction compares hidden states of width {width} with word vectors "
                f"of width {words_VE.shape[1]}; make them equal"
            )
        return InteractionDecoder(width, knowledge, words_VE)


class InteractionDecoder(Decoder):
    """Edges may be negative and are as large as they are, so there is no label attention."""

    looks = False

    def __init__(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> None:
        super().__init__()
        labels = len(knowledge.texts_LW)
        self.texts = CodeTexts(knowledge.texts_LW, words_VE)
        self.projection_D = nn.Parameter(torch.empty(width))
        self.weight_LD = nn.Parameter(torch.empty(labels, width))
        self.bias_L = nn.Parameter(torch.zeros(labels))
        nn.init.uniform_(self.projection_D, -(width**-0.5), width**-0.5)
        nn.init.xavier_uniform_(self.weight_LD)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:  # noqa: ARG002  # hidden is zero where masked
        """Give logits_BL, or logits_BC of the codes asked for.

        The sum over positions comes first: no codes x tokens matrix is ever built.
        """
        weight_CD, bias_C = (
            part if codes_C is None else part[codes_C] for part in (self.weight_LD, self.bias_L)
        )
        moments_BDD = hidden_BSD.transpose(1, 2) @ hidden_BSD
        message_BCD: Tensor = self.texts(codes_C) @ moments_BDD
        return (message_BCD * (weight_CD * self.projection_D)).sum(dim=2) + bias_C

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:  # noqa: ARG002  # the contract's
        """Refuse: edges do not share out a whole."""
        raise BadSettings("note-code interaction has no label attention; use integrated_gradients")

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale weights and shift biases."""
        with torch.no_grad():
            self.weight_LD.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)
