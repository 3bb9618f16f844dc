"""BERT over the segments of a note, and a transformer over the segments (Ji et al. 2021; MDBERT).

The encoder reads word embeddings like any other: it cuts a note into segments, sets [CLS] before
and [SEP] after each, and gives BERT real segments only. Its dimensions besides those of core.parts:

    G segments of a note   N real segments of a batch   W tokens of a segment
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core.errors import BadSettings
from core.parts import Encoder
from core.text.subwords import EXTRA

SPREAD = 0.02  # of the start of [CLS] and [SEP]; Devlin et al. 2019


@dataclass(frozen=True, kw_only=True)
class Bert:
    """The sizes of BERT-base; training takes them from the pretrained checkpoint it starts from.

    `states`: "tokens" gives a state for every token, its segment's state added where there is a
    transformer `above`; "segments" gives the state of each segment's [CLS].
    """

    states: Literal["tokens", "segments"] = "tokens"
    segment: int = 512  # tokens BERT reads at once, [CLS] and [SEP] among them
    above: int = 0  # layers of the transformer over segments
    inner_above: int = 2048  # width inside them; decision 11
    dropout: float = 0.1
    layers: int = 12
    heads: int = 12
    inner: int = 3072  # width inside a layer
    positions: int = 512
    kinds: int = 2  # token types; a note's tokens are all of type 0
    activation: str = "gelu"
    epsilon: float = 1e-12

    def build(self, embedding: int) -> Encoder:
        """The encoder; BadSettings if sizes do not fit, or without the optional extra."""
        if embedding % self.heads or not 3 <= self.segment <= self.positions:
            raise BadSettings(
                f"BERT of width {embedding}, {self.heads} heads, {self.positions} positions and "
                f"segments of {self.segment} tokens: heads divide the width, and a segment has 3 "
                "tokens or more, but no more than there are positions"
            )
        return BertEncoder(embedding, self)


class BertEncoder(Encoder):
    """Reads each segment by itself, then lets the segments of a note look at one another."""

    def __init__(self, embedding: int, settings: Bert) -> None:
        super().__init__()
        self.width = embedding
        self.states = settings.states
        self.room = settings.segment - 2  # beside [CLS] and [SEP]
        self.bert = _bert(embedding, settings)
        self.special_2E = nn.Parameter(torch.randn(2, embedding) * SPREAD)  # [CLS], [SEP]
        self.context = SegmentContext(embedding, settings) if settings.above else None

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTD, mask_BT), or (hidden_BGD, mask_BG) where `states` is "segments".

        Masked tokens must follow the real ones.
        """
        mask_BGW = self._cut(mask_BT.unsqueeze(2)).squeeze(3)
        mask_BG = mask_BGW.any(dim=2)
        states_NWD = self._read(self._cut(tokens_BTE)[mask_BG], mask_BGW[mask_BG])
        first_BGD = _placed(states_NWD[:, 0], mask_BG)
        if self.context is not None:
            first_BGD = self.context(first_BGD, mask_BG)
        if self.states == "segments":
            return first_BGD, mask_BG
        words_BGWD = _placed(states_NWD[:, 1:-1], mask_BG)
        if self.context is not None:
            words_BGWD = words_BGWD + first_BGD.unsqueeze(2)
        hidden_BTD = words_BGWD.flatten(1, 2)[:, : mask_BT.shape[1]]
        return hidden_BTD * mask_BT.unsqueeze(2), mask_BT

    def on_tokens(self, scores_BCS: Tensor, mask_BT: Tensor) -> Tensor:
        """Give scores_BCT: a segment's score falls evenly on its tokens."""
        if self.states == "tokens":
            return scores_BCS
        words_BG = self._cut(mask_BT.unsqueeze(2)).squeeze(3).sum(dim=2)
        shares_BCG = scores_BCS / words_BG.clamp(min=1).unsqueeze(1)
        width, tokens = min(self.room, mask_BT.shape[1]), mask_BT.shape[1]
        scores_BCT = shares_BCG.repeat_interleave(width, dim=2)[:, :, :tokens]
        return scores_BCT * mask_BT.unsqueeze(1)

    def layers(self) -> Sequence[Sequence[nn.Parameter]]:
        """The pretrained parameters, layer by layer from the input up."""
        below = [self.special_2E, *self.bert.embeddings.parameters()]
        return [below, *(list(layer.parameters()) for layer in self.bert.encoder.layer)]

    def _cut(self, values_BTX: Tensor) -> Tensor:
        """Give values_BGWX; the last segment is filled up with zeros."""
        notes, tokens, features = values_BTX.shape
        width = min(self.room, tokens)
        return pad(values_BTX, (0, 0, 0, -tokens % width)).view(notes, -1, width, features)

    def _read(self, tokens_NWE: Tensor, mask_NW: Tensor) -> Tensor:
        """Give states_NWD of [CLS], the tokens, and one position more: [SEP] follows the tokens."""
        first_NWE, last_NWE = (part.expand(len(tokens_NWE), 1, -1) for part in self.special_2E)
        whole_NWE = torch.cat([first_NWE, tokens_NWE, torch.zeros_like(first_NWE)], dim=1)
        place_W = torch.arange(whole_NWE.shape[1], device=mask_NW.device)
        last_N1 = mask_NW.sum(dim=1, keepdim=True) + 1
        whole_NWE = torch.where((place_W == last_N1).unsqueeze(2), last_NWE, whole_NWE)
        states: Tensor = self.bert(
            inputs_embeds=whole_NWE, attention_mask=(place_W <= last_N1).long()
        ).last_hidden_state
        return states


class SegmentContext(nn.Module):
    """A transformer over the states of a note's segments, with sinusoidal places."""

    def __init__(self, width: int, settings: Bert) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                settings.heads,
                settings.inner_above,
                settings.dropout,
                activation="gelu",
                batch_first=True,
            )
            for _ in range(settings.above)
        )

    def forward(self, first_BGD: Tensor, mask_BG: Tensor) -> Tensor:
        """Give states of the same shape; zero where masked."""
        hidden_BGD = first_BGD + _places(first_BGD)
        for layer in self.layers:
            hidden_BGD = layer(hidden_BGD, src_key_padding_mask=~mask_BG)
        return hidden_BGD.masked_fill(~mask_BG.unsqueeze(2), 0.0)


def _bert(width: int, settings: Bert) -> Any:  # Any: the library is an optional extra
    """A BERT that takes embeddings: the words' own are the model's."""
    try:
        from transformers.models.bert import BertConfig, BertModel
    except ImportError as error:
        raise BadSettings(EXTRA) from error
    config = BertConfig(
        vocab_size=1,
        hidden_size=width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        intermediate_size=settings.inner,
        hidden_act=settings.activation,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=settings.dropout,
        max_position_embeddings=settings.positions,
        type_vocab_size=settings.kinds,
        layer_norm_eps=settings.epsilon,
    )
    bert = BertModel(config, add_pooling_layer=False)
    bert.set_input_embeddings(nn.Identity())
    return bert


def _placed(states_NX: Tensor, mask_BG: Tensor) -> Tensor:
    """Put the states of real segments where they stand in their notes; zero elsewhere."""
    placed_BGX = states_NX.new_zeros(*mask_BG.shape, *states_NX.shape[1:])
    placed_BGX[mask_BG] = states_NX
    return placed_BGX


def _places(first_BGD: Tensor) -> Tensor:
    """Sines and cosines of each segment's number (Vaswani et al. 2017, sec. 3.5)."""
    segments, width = first_BGD.shape[1:]
    place_G1 = torch.arange(segments, device=first_BGD.device).unsqueeze(1)
    channel_D = torch.arange(width, device=first_BGD.device)
    angle_GD = place_G1 / 10_000 ** (channel_D // 2 * 2 / width)
    return torch.where(channel_D % 2 == 0, angle_GD.sin(), angle_GD.cos()).to(first_BGD.dtype)
