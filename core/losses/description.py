"""Description regulariser (DR-CAML, Mullenbach et al. 2018, sec. 2.5): weights resemble texts."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core.encoders import Conv
from core.parts import Knowledge
from core.text import PAD


@dataclass(frozen=True, kw_only=True)
class DescriptionLoss:
    """Pulls the weights w_c of a note's codes towards z_c, what a CNN makes of the texts on them.

    "paper": the squared distance |z_c - w_c|^2, its mean over the codes of a note.
    "released": its mean over the dimensions, summed over the codes, as the authors' code.
    Both are the mean over the notes, times `weight`; a code without a text is left alone.
    """

    weight: float = 10.0  # lambda for the top 50 codes in the authors' scripts; 0.01 for all codes
    kernel: int = 10  # as CAML's own
    padding: Literal["same", "half", "none"] = "same"
    form: Literal["paper", "released"] = "paper"

    def build(self, embedding: int, width: int, *, vocabulary_size: int) -> "DescriptionReader":
        return DescriptionReader(self, embedding, width, vocabulary_size=vocabulary_size)

    def __call__(
        self,
        reader: "DescriptionReader",
        knowledge: Knowledge,
        weight_LD: Tensor,
        targets_BL: Tensor,
    ) -> Tensor:
        """Give the unweighted loss of one task; zero where no note has a code with a text."""
        texts_LW = knowledge.texts_LW.to(weight_LD.device)
        carried_BL = (targets_BL > 0.5) & texts_LW.ne(PAD).any(dim=1)
        codes_C = carried_BL.any(dim=0).nonzero().squeeze(1)
        if not len(codes_C):
            return weight_LD.new_zeros(())
        squares_CD: Tensor = (reader(texts_LW[codes_C]) - weight_LD[codes_C]).square()
        carried_BC = carried_BL[:, codes_C].to(squares_CD.dtype)
        if self.form == "released":
            return (carried_BC @ squares_CD.mean(dim=1)).mean()
        codes_B = carried_BC.sum(dim=1).clamp(min=1)
        return (carried_BC @ squares_CD.sum(dim=1) / codes_B).mean()


class DescriptionReader(nn.Module):
    """A convolution, its largest value in each channel, and a linear layer; words of its own."""

    def __init__(
        self, settings: DescriptionLoss, embedding: int, width: int, *, vocabulary_size: int
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding, padding_idx=PAD)
        windows = Conv(filters=width, kernel=settings.kernel, padding=settings.padding)
        self.conv = windows.build(embedding)
        self.linear = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.linear.weight)

    def forward(self, texts_CW: Tensor) -> Tensor:
        """Give z_CD for texts as word ids, PAD after their end; each needs a word."""
        hidden_CSD, mask_CS = self.conv(self.embedding(texts_CW), texts_CW.ne(PAD))
        largest_CD = hidden_CSD.masked_fill(~mask_CS.unsqueeze(2), -torch.inf).amax(dim=1)
        z_CD: Tensor = self.linear(largest_CD)
        return z_CD
