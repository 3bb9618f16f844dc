"""C-MemNN (Prakash et al. 2017): a note asks a condensed memory of texts on codes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.decoders.code_texts import CodeTexts
from core.errors import BadSettings
from core.parts import Decoder, Knowledge


@dataclass(frozen=True, kw_only=True)
class CondensedMemory:
    """Several hops over one memory slot a code, and a state that remembers all of them.

    u_1 is the mean of the note's states. Hop k reads the memory, o_k = sum_c p_c C e_c with
    p = softmax over the codes of <u_k, A e_c>, and gives u_k+1 = u_k + o_k. The condensed state is
    s_1 = u_1, s_k+1 = [u_k+1; D_k s_k], where D_k halves the width: what earlier hops knew stays,
    ever shorter. logit of code c = <w_c, s> + b_c.

    e_c is the mean word vector of the text on c. The paper learns bags of words for A and C from
    nothing; here they are matrices over the model's word vectors, and the same in every hop.
    """

    hops: int = 3

    def build_informed(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> Decoder:
        if self.hops < 1 or width < 2:
            raise BadSettings(f"{self.hops} hops over width {width}: at least 1, and a width of 2")
        return CondensedMemoryDecoder(width, knowledge, words_VE, hops=self.hops)


class CondensedMemoryDecoder(Decoder):
    """The note is one bag of words, so codes cannot look at it for themselves."""

    looks = False

    def __init__(self, width: int, knowledge: Knowledge, words_VE: Tensor, *, hops: int) -> None:
        super().__init__()
        self.texts = CodeTexts(knowledge.texts_LW, words_VE)
        self.key = nn.Linear(words_VE.shape[1], width, bias=False)
        self.value = nn.Linear(words_VE.shape[1], width, bias=False)
        self.condense = nn.ModuleList()
        condensed = width
        for _ in range(hops):
            self.condense.append(nn.Linear(condensed, condensed // 2, bias=False))
            condensed = width + condensed // 2
        labels = len(knowledge.texts_LW)
        self.weight_LD = nn.Parameter(torch.empty(labels, condensed))
        self.bias_L = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.weight_LD)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL, or logits_BC of the codes asked for; the memory always holds all."""
        weight_CD, bias_C = (
            part if codes_C is None else part[codes_C] for part in (self.weight_LD, self.bias_L)
        )
        state_BD = hidden_BSD.sum(dim=1) / mask_BS.sum(dim=1, keepdim=True)
        return linear(self._condensed(state_BD), weight_CD, bias_C)

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:  # noqa: ARG002  # the contract's
        """Refuse: it is the memory that is attended to, not the note."""
        raise BadSettings("a memory network has no label attention; use integrated_gradients")

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale weights and shift biases."""
        with torch.no_grad():
            self.weight_LD.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)

    def _condensed(self, state_BD: Tensor) -> Tensor:
        memory_LE = self.texts()
        keys_LD, values_LD = self.key(memory_LE), self.value(memory_LE)
        condensed_BD = state_BD
        for halve in self.condense:
            share_BL = (state_BD @ keys_LD.T).softmax(dim=1)
            state_BD = state_BD + share_BL @ values_LD
            condensed_BD = torch.cat([state_BD, halve(condensed_BD)], dim=1)
        return condensed_BD
