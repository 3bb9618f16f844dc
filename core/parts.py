"""Contracts of the bricks a model is made of, the shape legend, and masking.

Tensor names end in their dimensions:

    B notes in a batch   T tokens        S positions an encoder keeps
    E embedding width    D hidden width  L codes of one task    C codes asked for
    V words known        W words of a text   P dimensions of the Poincaré ball

Masks are boolean and true at real positions. Hidden states are zero wherever the mask is false,
and no brick lets a masked position change a real one: padding never changes a score.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from core import ranks


class Encoder(nn.Module, ABC):
    """Reads embedded tokens into hidden states of width `width`."""

    width: int

    @abstractmethod
    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS); hidden is zero where masked."""

    def on_tokens(self, scores_BCS: Tensor, mask_BT: Tensor) -> Tensor:  # noqa: ARG002
        """Give scores_BCT: each position's score on the tokens it reads, with the same total.

        This one is for encoders with a position for every token.
        """
        return scores_BCS

    def layers(self) -> Sequence[Sequence[nn.Parameter]]:
        """Pretrained parameters, layer by layer from the input up; an encoder may have none."""
        return ()


class Aggregator(nn.Module, ABC):
    """Refines hidden states with wider context; keeps their shape."""

    @abstractmethod
    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor) -> Tensor:
        """Give hidden_BSD; zero where masked."""


class Decoder(nn.Module, ABC):
    """Turns hidden states into one logit for each code of a task."""

    looks = True  # whether every code looks at the note for itself: `attention` can show it

    @abstractmethod
    def forward(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor | None = None) -> Tensor:
        """Give logits_BL, or logits_BC of the codes asked for."""

    @abstractmethod
    def attention(self, hidden_BSD: Tensor, mask_BS: Tensor, codes_C: Tensor) -> Tensor:
        """Give attention_BCS of the codes asked for; each row sums to one over real positions."""

    @abstractmethod
    def rescale(self, slope: float, intercept: float) -> None:
        """Turn every logit x into slope * x + intercept from now on (calibration)."""


class EncoderSettings(Protocol):
    """A frozen dataclass that builds an encoder for embeddings of the given width."""

    def build(self, embedding: int) -> Encoder: ...


class AggregatorSettings(Protocol):
    """A frozen dataclass that builds an aggregator for hidden states of the given width."""

    def build(self, width: int) -> Aggregator: ...


class DecoderSettings(Protocol):
    """A frozen dataclass that builds a decoder from hidden states of `width` to `labels` codes."""

    def build(self, width: int, labels: int) -> Decoder: ...


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What is known about the codes of one task, in the order of its logits.

    A part that the row's `knowledge` cell does not ask for has no words, pairs or dimensions.
    """

    texts_LW: Tensor  # word ids of a text on each code, PAD after its end
    pairs_2N: Tensor  # codes that notes carry together, and each code with itself: row, column
    weights_N: Tensor  # of those pairs in the normalised graph
    places_LP: Tensor  # of each code in the Poincaré ball


@runtime_checkable
class InformedDecoderSettings(Protocol):
    """A frozen dataclass that builds a decoder from what is known about the codes.

    words_VE: the model's own word vectors, with which texts on codes are read.
    """

    def build_informed(self, width: int, knowledge: Knowledge, words_VE: Tensor) -> Decoder: ...


class Loss(Protocol):
    """A frozen dataclass that is called with logits and multi-hot targets of one task."""

    def __call__(self, logits_BL: Tensor, targets_BL: Tensor) -> Tensor: ...


class MaskedBatchNorm(nn.Module):
    """Batch normalisation whose statistics come from real positions only.

    With equal-length notes it equals `nn.BatchNorm1d`. A batch with a single real position has
    no variance; it is normalised with the running statistics. Where several processes train one
    model, the statistics are those of the notes of all.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)

    def forward(self, hidden_BDS: Tensor, mask_BS: Tensor) -> Tensor:
        """Normalise hidden_BDS over channels D; the result is zero where masked."""
        keep_B1S = mask_BS.unsqueeze(1)
        if not self.training:
            return self._by_running_statistics(hidden_BDS) * keep_B1S
        real_ND = hidden_BDS.transpose(1, 2)[mask_BS]
        everywhere = ranks.summed(mask_BS.sum())
        if everywhere == 1:
            return self._by_running_statistics(hidden_BDS) * keep_B1S
        together = ranks.count() > 1
        normed_ND = self._across_ranks(real_ND, everywhere) if together else self.norm(real_ND)
        result_BSD = torch.zeros_like(hidden_BDS.transpose(1, 2))
        result_BSD[mask_BS] = normed_ND.to(result_BSD.dtype)
        return result_BSD.transpose(1, 2)

    def _across_ranks(self, real_ND: Tensor, everywhere: Tensor) -> Tensor:
        """`self.norm` with the statistics of `everywhere` positions of all processes."""
        norm, states_ND = self.norm, real_ND.float()
        mean_D = ranks.summed(states_ND.sum(dim=0)) / everywhere
        centred_ND = states_ND - mean_D
        variance_D = ranks.summed((centred_ND**2).sum(dim=0)) / everywhere
        with torch.no_grad():  # as nn.BatchNorm1d keeps them: the variance unbiased
            share = norm.momentum or 0.0
            unbiased_D = variance_D * everywhere / (everywhere - 1)
            norm.get_buffer("running_mean").lerp_(mean_D, share)
            norm.get_buffer("running_var").lerp_(unbiased_D, share)
            norm.get_buffer("num_batches_tracked").add_(1)
        return centred_ND * (variance_D + norm.eps).rsqrt() * norm.weight + norm.bias

    def _by_running_statistics(self, hidden_BDS: Tensor) -> Tensor:
        norm = self.norm
        return nn.functional.batch_norm(
            hidden_BDS, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        )
