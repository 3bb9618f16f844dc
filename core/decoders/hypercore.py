"""HyperCore (Cao et al. 2020): codes have a place in a hierarchy, and company."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, relu, scaled_dot_product_attention

from core.decoders.code_texts import CodeTexts
from core.knowledge import distance
from core.parts import Decoder, Knowledge


@dataclass(frozen=True, kw_only=True)
class HyperCore:
    """logit of code c = <g_c, m_c> - near_c d(place of m_c, place of c) + b_c.

    m_c is the note as code c attends to it, with a query made from the words on c; it is given a
    place in the Poincaré ball, where c lies among its relatives; g_c is c after two graph
    convolutions over the codes that notes carry together.

    The paper's last layer mixes the distances of all codes with an L x L matrix; here a code counts
    its own distance only, since 8,921 codes would need 80 million weights for that.
    """

    def build_informed(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> Decoder:
        return HyperCoreDecoder(width, knowledge, words_VE)


class HyperCoreDecoder(Decoder):
    """Code-wise attention, a distance in hyperbolic space, and a graph of codes."""

    places_LP: Tensor

    def __init__(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> None:
        super().__init__()
        labels, dimensions = knowledge.places_LP.shape
        self.texts = CodeTexts(knowledge.texts_LW, words_VE)
        self.query = nn.Linear(words_VE.shape[1], width)
        self.graph = CodeGraph(knowledge, words_VE.shape[1], width)
        self.register_buffer("places_LP", knowledge.places_LP, persistent=False)
        self.direction = nn.Linear(width, dimensions)
        self.radius = nn.Linear(width, 1)
        self.near_L = nn.Parameter(torch.full((labels,), 0.1))
        self.bias_L = nn.Parameter(torch.zeros(labels))

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL, or logits_BC of the codes asked for."""
        query_CD = self._queries(codes_C)
        states_B1SD = hidden_BSD.unsqueeze(1)
        noted_BCD = scaled_dot_product_attention(
            query_CD.expand(len(hidden_BSD), 1, -1, -1),
            states_B1SD,
            states_B1SD,
            attn_mask=None if bool(mask_BS.all()) else mask_BS[:, None, None, :],
            scale=1.0,
        ).squeeze(1)
        weight_LD: Tensor = self.graph(self.texts())
        weight_CD, places_CP, near_C, bias_C = (
            part if codes_C is None else part[codes_C]
            for part in (weight_LD, self.places_LP, self.near_L, self.bias_L)
        )
        apart_BC = distance(self.placed(noted_BCD), places_CP)
        return (noted_BCD * weight_CD).sum(dim=2) - near_C * apart_BC + bias_C

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:
        """Give attention_BCS of the codes asked for."""
        scores_BCS = self._queries(codes_C) @ hidden_BSD.transpose(1, 2)
        return scores_BCS.masked_fill(~mask_BS[:, None, :], float("-inf")).softmax(dim=2)

    def placed(self, noted_BCD: Tensor) -> Tensor:
        """Give places_BCP inside the ball: a direction and a radius below 1 (Dhingra et al. 2018).

        Never in bf16: near the edge, little makes a long way.
        """
        noted_BCD = noted_BCD.to(self.radius.weight.dtype)
        with torch.autocast(noted_BCD.device.type, enabled=False):
            radius_BC1 = self.radius(noted_BCD).sigmoid().clamp(max=1 - 1e-5)
            places_BCP: Tensor = radius_BC1 * normalize(self.direction(noted_BCD), dim=-1)
        return places_BCP

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale both summands and shift biases; attention and places stay as they are."""
        with torch.no_grad():
            self.graph.second.weight.mul_(slope)
            self.near_L.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)

    def _queries(self, codes_C: Tensor | None) -> Tensor:
        query_CD: Tensor = torch.tanh(self.query(self.texts(codes_C)))
        return query_CD


class CodeGraph(nn.Module):
    """A relu(A X U) W: a code takes in those it occurs with, and theirs.

    A is sparse and normalised (Kipf & Welling 2017, eq. 2 and 9).
    """

    pairs_2N: Tensor
    weights_N: Tensor

    def __init__(self, knowledge: Knowledge, inner: int, outer: int) -> None:
        super().__init__()
        # not one sparse tensor: distributed training cannot send those around
        self.register_buffer("pairs_2N", knowledge.pairs_2N, persistent=False)
        self.register_buffer("weights_N", knowledge.weights_N, persistent=False)
        self.first = nn.Linear(inner, outer, bias=False)
        self.second = nn.Linear(outer, outer, bias=False)

    def forward(self, codes_LE: Tensor) -> Tensor:
        """Give codes_LD from what the texts on all codes say."""
        codes_LE = codes_LE.to(self.first.weight.dtype)
        with torch.autocast(codes_LE.device.type, enabled=False):  # there is no sparse bf16 product
            graph_LL = torch.sparse_coo_tensor(
                self.pairs_2N,
                self.weights_N,
                (len(codes_LE), len(codes_LE)),
                is_coalesced=True,
                check_invariants=False,
            )
            first_LD = relu(torch.sparse.mm(graph_LL, self.first(codes_LE)))
            second_LD: Tensor = torch.sparse.mm(graph_LL, self.second(first_LD))
            return second_LD
