"""Every code looks for what it is called (Attentive LSTM, Shi et al. 2017)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from core.decoders.code_texts import CodeTexts
from core.decoders.label_logits import label_logits
from core.parts import Decoder, Knowledge


@dataclass(frozen=True, kw_only=True)
class TitleAttention:
    """logit of code c = <w_c, v_c> + b_c, with v_c the note as the title of c attends to it.

    The query of c is the last state of an LSTM over the words of its title; it has its own
    weights, since titles are written in another style than notes.
    """

    def build_informed(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> Decoder:
        return TitleAttentionDecoder(width, knowledge, words_VE)


class TitleAttentionDecoder(Decoder):
    """Soft attention with encoded titles as queries; codes without a title share one query."""

    def __init__(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> None:
        super().__init__()
        labels = len(knowledge.texts_LW)
        self.texts = CodeTexts(knowledge.texts_LW, words_VE)
        self.lstm = nn.LSTM(words_VE.shape[1], width, batch_first=True)
        self.weight_LD = nn.Parameter(torch.empty(labels, width))
        self.bias_L = nn.Parameter(torch.zeros(labels))
        nn.init.xavier_uniform_(self.weight_LD)

    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL, or logits_BC of the codes asked for; only their titles are read."""
        weight_CD, bias_C = (
            part if codes_C is None else part[codes_C] for part in (self.weight_LD, self.bias_L)
        )
        query_CD = self.queries(codes_C)
        return label_logits(query_CD, weight_CD, hidden_BSD, hidden_BSD, mask_BS) + bias_C

    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:
        """Give attention_BCS of the codes asked for."""
        scores_BCS = self.queries(codes_C) @ hidden_BSD.transpose(1, 2)
        return scores_BCS.masked_fill(~mask_BS[:, None, :], float("-inf")).softmax(dim=2)

    def queries(self, codes_C: Tensor | None = None) -> Tensor:
        """Give query_LD, or query_CD of the codes asked for: what their titles come to."""
        words_LWE, mask_LW = self.texts.words_of(codes_C)
        lengths_L = mask_LW.sum(dim=1).clamp(min=1).cpu()  # a title without words is read as one
        packed = pack_padded_sequence(words_LWE, lengths_L, batch_first=True, enforce_sorted=False)
        _, (last_1LD, _) = self.lstm(packed)
        query_LD: Tensor = last_1LD[0]
        return query_LD

    def rescale(self, slope: float, intercept: float) -> None:
        """Scale weights and shift biases; attention stays as it is."""
        with torch.no_grad():
            self.weight_LD.mul_(slope)
            self.bias_L.mul_(slope).add_(intercept)
