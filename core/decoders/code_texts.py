"""Codes as the texts on them say, read with the model's own word vectors."""

from torch import Tensor, nn
from torch.nn.functional import embedding, embedding_bag

from core.text import PAD


class Borrowed:
    """A parameter that another module owns: used here; saved, counted and trained there."""

    def __init__(self, parameter: Tensor) -> None:
        self.parameter = parameter


class CodeTexts(nn.Module):
    """The mean word vector of the text on each code (HyperCore; GatedCNN-NCI)."""

    texts_LW: Tensor

    def __init__(self, texts_LW: Tensor, words_VE: Tensor) -> None:
        super().__init__()
        self.register_buffer("texts_LW", texts_LW, persistent=False)  # saved as knowledge
        self.words = Borrowed(words_VE)

    def forward(self, codes_C: Tensor | None = None) -> Tensor:
        """Give vectors_LE, or vectors_CE of the codes asked for; zero where there is no text."""
        texts_LW = self.texts_LW if codes_C is None else self.texts_LW[codes_C]
        # one pass without the codes x words x width tensor; and no hook of the embedding sees it
        return embedding_bag(texts_LW, self.words.parameter, mode="mean", padding_idx=PAD)

    def words_of(self, codes_C: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give (words_LWE, mask_LW): the text on each code, or on those asked for, word by word."""
        texts_LW = self.texts_LW if codes_C is None else self.texts_LW[codes_C]
        return embedding(texts_LW, self.words.parameter, padding_idx=PAD), texts_LW != PAD
