"""The combiner: features of a candidate -> the probability that a coder would give the code.

A few small networks with a linear bypass, trained on notes that neither the memory nor the network
they were shown had seen. The mean of their logits is taken.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

Floats = NDArray[np.float32]
WIDEST = 5.0  # standard deviations beyond which a feature says no more
AT_ONCE = 512  # candidates a step


@dataclass(frozen=True, kw_only=True)
class CombinerSettings:
    """How a combiner is built and trained. Chosen by cross-validation inside CodiEsp train."""

    members: int = 5
    hidden: int = 64
    dropout: float = 0.1
    epochs: int = 20
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2


class Combiner(nn.Module):
    """An ensemble; `forward` gives the mean logit of its members."""

    def __init__(self, features: int, settings: CombinerSettings) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("mean_F", torch.zeros(features))
        self.register_buffer("spread_F", torch.ones(features))
        self.members = nn.ModuleList(_Member(features, settings) for _ in range(settings.members))

    def forward(self, features_NF: Tensor) -> Tensor:
        """Give logits_N."""
        scaled_NF = self.scale(features_NF)
        logits_MN = torch.stack([member(scaled_NF) for member in self.members])
        return logits_MN.mean(dim=0)

    def scale(self, features_NF: Tensor) -> Tensor:
        """Counts and weights on a logarithmic scale, then standardised."""
        small_NF = features_NF.sign() * features_NF.abs().log1p()
        scaled_NF = (small_NF - self.get_buffer("mean_F")) / self.get_buffer("spread_F")
        return scaled_NF.clamp(-WIDEST, WIDEST)

    def logits(self, features_NF: Floats) -> Floats:
        """Give logits_N of candidates, without gradients."""
        if not len(features_NF):
            return np.zeros(0, dtype=np.float32)
        with torch.inference_mode():
            found: Floats = self(torch.from_numpy(features_NF)).numpy()
        return found


class _Member(nn.Module):
    def __init__(self, features: int, settings: CombinerSettings) -> None:
        super().__init__()
        width, dropout = settings.hidden, settings.dropout
        self.deep = nn.Sequential(
            *(nn.Linear(features, width), nn.ReLU(), nn.Dropout(dropout)),
            *(nn.Linear(width, width), nn.ReLU(), nn.Dropout(dropout)),
            nn.Linear(width, 1),
        )
        self.direct = nn.Linear(features, 1)

    def forward(self, scaled_NF: Tensor) -> Tensor:
        logits_N1: Tensor = self.deep(scaled_NF) + self.direct(scaled_NF)
        return logits_N1.squeeze(1)


def fit(
    features_NF: Floats,
    targets_N: Floats,
    *,
    settings: CombinerSettings,
    seed: int = 0,
    start: Combiner | None = None,
) -> Combiner:
    """Train a combiner; the same seed and numbers give the same weights.

    targets_N: probabilities. start: one of the same settings, whose weights are where it begins.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        combiner = Combiner(features_NF.shape[1], settings)
        features = torch.from_numpy(features_NF)
        if start is None:
            small_NF = features.sign() * features.abs().log1p()
            combiner.get_buffer("mean_F").copy_(small_NF.mean(dim=0))
            combiner.get_buffer("spread_F").copy_(small_NF.std(dim=0).clamp(min=1e-3))
        else:
            combiner.load_state_dict(start.state_dict())
        scaled_NF = combiner.scale(features)
        combiner.train()
        for member in combiner.members:
            _train(member, scaled_NF, torch.from_numpy(targets_N), settings)
    return combiner.eval()


def _train(
    member: nn.Module, scaled_NF: Tensor, targets_N: Tensor, settings: CombinerSettings
) -> None:
    optimizer = torch.optim.AdamW(
        member.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    steps = settings.epochs * -(-len(targets_N) // AT_ONCE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=steps
    )
    for _ in range(settings.epochs):
        for batch in torch.split(torch.randperm(len(targets_N)), AT_ONCE):
            optimizer.zero_grad()
            loss = binary_cross_entropy_with_logits(member(scaled_NF[batch]), targets_N[batch])
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
            schedule.step()
