"""One convolution over the words, with tanh (CAML sec. 2.1; the CNN it is compared with)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, conv_transpose1d, pad

from core.parts import Encoder


@dataclass(frozen=True, kw_only=True)
class Conv:
    """h_s = tanh(W [x of `kernel` neighbouring words] + b): one state for each window.

    `padding` says which windows there are over n words. "same": n of them, one around each word
    (CAML sec. 2.1). "half": kernel // 2 empty words on both sides, as in the authors' code; that
    is n + 1 windows where the kernel is even. "none": only windows full of words, as the code of
    the CNN; a note shorter than the kernel has one window all the same.
    """

    filters: int = 50  # d_c; CAML sec. 3.3
    kernel: int = 10  # k; CAML sec. 3.3
    padding: Literal["same", "half", "none"] = "same"

    def build(self, embedding: int) -> Encoder:
        return ConvEncoder(embedding, self)


class ConvEncoder(Encoder):
    """Reads every window of a note; empty words stand beyond both its ends."""

    def __init__(self, embedding: int, settings: Conv) -> None:
        super().__init__()
        kernel = settings.kernel
        self.width = settings.filters
        self.edges = {
            "same": ((kernel - 1) // 2, kernel // 2),
            "half": (kernel // 2, kernel // 2),
            "none": (0, 0),
        }[settings.padding]
        self.conv = nn.Conv1d(embedding, settings.filters, kernel)
        nn.init.xavier_uniform_(self.conv.weight)

    def forward(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS), S windows. Masked tokens must follow the real ones."""
        real_BET = (tokens_BTE * mask_BT.unsqueeze(2)).transpose(1, 2)
        hidden_BDS = torch.tanh(self.conv(self._widened(real_BET)))
        spare = sum(self.edges) - self.conv.kernel_size[0] + 1
        windows_B1 = (mask_BT.sum(dim=1, keepdim=True) + spare).clamp(min=1)
        mask_BS = torch.arange(hidden_BDS.shape[2], device=mask_BT.device) < windows_B1
        # contiguous: attention over a transposed view is slower by a fifth
        return (hidden_BDS * mask_BS.unsqueeze(1)).transpose(1, 2).contiguous(), mask_BS

    def on_tokens(self, scores_BCS: Tensor, mask_BT: Tensor) -> Tensor:
        """Give scores_BCT: a window's score falls evenly on the real tokens in it."""
        ones = scores_BCS.new_ones(1, 1, self.conv.kernel_size[0])
        words_B1S = conv1d(self._widened(mask_BT.to(scores_BCS.dtype).unsqueeze(1)), ones)
        shares_BCS = scores_BCS / words_B1S.clamp(min=1)
        spread = conv_transpose1d(shares_BCS.flatten(0, 1).unsqueeze(1), ones)
        first, tokens = self.edges[0], mask_BT.shape[1]
        scores_BCT = spread[:, 0, first : first + tokens].reshape(*scores_BCS.shape[:2], tokens)
        return scores_BCT * mask_BT.unsqueeze(1)

    def _widened(self, tokens_BXT: Tensor) -> Tensor:
        """Zeros at both edges, and as many more as a note without a full window lacks."""
        left, right = self.edges
        lacking = self.conv.kernel_size[0] - left - right - tokens_BXT.shape[2]
        return pad(tokens_BXT, (left, right + max(0, lacking)))
