"""No encoder: the states are the word vectors themselves (C-MemNN reads a bag of words)."""

from dataclasses import dataclass

from torch import Tensor

from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class Words:
    """h_i = x_i."""

    def build(self, embedding: int) -> Encoder:
        return WordsEncoder(embedding)


class WordsEncoder(Encoder):
    """Passes on what was embedded."""

    def __init__(self, embedding: int) -> None:
        super().__init__()
        self.width = embedding

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BTE, mask_BT): S = T, zero where masked."""
        return tokens_BTE * mask_BT.unsqueeze(2), mask_BT
