"""Binary cross-entropy and focal loss over the codes of a task."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.functional import logsigmoid


@dataclass(frozen=True, kw_only=True)
class BinaryCrossEntropy:
    """The mean over notes and codes (CAML eq. 5; MT-RAM eq. 11)."""

    def __call__(self, logits_BL: Tensor, targets_BL: Tensor) -> Tensor:
        return cross_entropy(logits_BL, targets_BL)


@dataclass(frozen=True, kw_only=True)
class Focal:
    """Focal loss: easy codes count less (MARN eq. 16).

    "paper": positives weigh alpha, negatives 1 - alpha; summed over codes, mean over notes.
    "released": alpha multiplies both classes; mean over notes and codes, as the authors' code.
    """

    alpha: float = 0.999  # MARN sec. 4.2
    gamma: float = 2.0  # MARN sec. 4.2
    form: Literal["paper", "released"] = "paper"

    def __call__(self, logits_BL: Tensor, targets_BL: Tensor) -> Tensor:
        if self.form == "released":
            entropy_BL = cross_entropy(logits_BL, targets_BL, reduction="none")
            return (self.alpha * (1 - (-entropy_BL).exp()) ** self.gamma * entropy_BL).mean()
        p_BL = logits_BL.sigmoid()
        hits_BL = self.alpha * (1 - p_BL) ** self.gamma * logsigmoid(logits_BL)
        misses_BL = (1 - self.alpha) * p_BL**self.gamma * logsigmoid(-logits_BL)
        return -(targets_BL * hits_BL + (1 - targets_BL) * misses_BL).sum(dim=1).mean()
