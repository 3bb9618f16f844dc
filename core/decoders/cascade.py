"""One task is ranked first and the others are told its scores (JointLAAT, Vu et al. 2020)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import BadSettings


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """s = sigmoid(P sigmoid(logits of `leading`)); every code of another task weighs s in.

    LAAT appends s to what a code read and applies one linear layer to both; that is the code's own
    logit plus <u_c, s>, which is how it stands here, so that any decoder may be told.
    """

    leading: str  # the task that is ranked first
    width: int = 128  # authors' readme

    def build(self, labels: Mapping[str, int]) -> "Told":
        if self.leading not in labels or len(labels) < 2:
            raise BadSettings(
                f"a cascade led by {self.leading!r} needs that task and another one; "
                f"the row ranks {', '.join(labels)}"
            )
        return Told(self, labels)


class Told(nn.Module):
    """What the leading task's scores add to the logits of the others.

    The leading logits are calibrated here, after they were told on: the others were trained on
    them as they were.
    """

    slope: Tensor
    intercept: Tensor

    def __init__(self, settings: Cascade, labels: Mapping[str, int]) -> None:
        super().__init__()
        self.leading = settings.leading
        self.project = nn.Linear(labels[self.leading], settings.width, bias=False)
        self.weights = nn.ParameterDict(
            {
                task: nn.Parameter(nn.init.xavier_uniform_(torch.empty(count, settings.width)))
                for task, count in labels.items()
                if task != self.leading
            }
        )
        self.register_buffer("slope", torch.ones(()))
        self.register_buffer("intercept", torch.zeros(()))

    def forward(self, leading_BK: Tensor, task: str, codes_C: Tensor | None = None) -> Tensor:
        """Give what is added to the logits_BL of `task`, or to those of the codes asked for."""
        weight_LP = self.weights[task] if codes_C is None else self.weights[task][codes_C]
        told_BP = torch.sigmoid(self.project(torch.sigmoid(leading_BK)))
        added_BL: Tensor = told_BP @ weight_LP.T
        return added_BL

    def calibrated(self, leading_BK: Tensor) -> Tensor:
        """The leading logits as they are reported."""
        return self.slope * leading_BK + self.intercept

    def rescale(self, task: str, slope: float, intercept: float) -> None:
        """Turn the leading logits, or what is added to another task's, as calibration asks."""
        with torch.no_grad():
            if task == self.leading:
                self.slope.mul_(slope)
                self.intercept.mul_(slope).add_(intercept)
            else:
                self.weights[task].mul_(slope)
