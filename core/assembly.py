"""A row of the systems table -> a model: embed, encode, aggregate, decode per task, joint loss."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from core.errors import BadSettings
from core.losses import Marks
from core.parts import Decoder
from core.systems import System
from core.text import PAD


class Model(nn.Module):
    """Scores every code of every task. Keeps no state between calls: safe to share by threads."""

    def __init__(self, system: System, *, vocabulary_size: int, labels: Mapping[str, int]) -> None:
        super().__init__()
        self.system = system
        self.embedding = nn.Embedding(vocabulary_size, system.embedding.width, padding_idx=PAD)
        self.embedding_dropout = nn.Dropout(system.embedding.dropout)
        self.encoder = system.encoder.build(system.embedding.width)
        width = self.encoder.width
        self.aggregator = system.aggregator.build(width) if system.aggregator else None
        self.decoders = nn.ModuleDict(
            {task: system.decoder.build(width, labels[task]) for task in system.tasks}
        )

    def forward(self, tokens_BT: Tensor, mask_BT: Tensor) -> dict[str, Tensor]:
        """Give logits_BL for each task. Every note needs at least one real token."""
        return self.decode(*self.read(tokens_BT, mask_BT))

    def decode(
        self, hidden_BSD: Tensor, mask_BS: Tensor, codes: Mapping[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Give logits_BL for each task from what `read` gave; with `codes`, of these alone."""
        return {
            task: self.decoder(task)(hidden_BSD, mask_BS, codes[task] if codes else None)
            for task in self.decoders
        }

    def decoder(self, task: str) -> Decoder:
        """The branch that ranks the codes of `task`."""
        return cast(Decoder, self.decoders[task])

    def read(self, tokens_BT: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS): what all decoders look at."""
        tokens_BTE = self.embedding_dropout(self.embedding(tokens_BT))
        hidden_BSD, mask_BS = self.encoder(tokens_BTE, mask_BT)
        if self.aggregator is not None:
            hidden_BSD = self.aggregator(hidden_BSD, mask_BS)
        return hidden_BSD, mask_BS

    def evidence_loss(
        self,
        hidden_BSD: Tensor,
        mask_BS: Tensor,
        marks: Mapping[str, Marks],
        shares: Mapping[str, float] | None = None,
    ) -> Tensor:
        """Weighted sum of the tasks' evidence losses, with the row's weight; 0 without the cell.

        shares: of a step's marks that these are, per task, where a step is computed in parts.
        """
        supervision = self.system.evidence
        if supervision is None:
            return hidden_BSD.new_zeros(())
        parts = [
            weight
            * (shares[task] if shares else 1.0)
            * supervision(self.decoder(task), hidden_BSD, mask_BS, marks[task])
            for task, weight in self.system.tasks.items()
        ]
        return supervision.weight * torch.stack(parts).sum()

    def loss(self, logits: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        """Weighted sum of the tasks' losses (MARN eq. 17)."""
        parts = [
            weight * self.system.loss(logits[task], targets[task])
            for task, weight in self.system.tasks.items()
        ]
        return torch.stack(parts).sum()


def assemble(
    system: System,
    *,
    vocabulary_size: int,
    labels: Mapping[str, int],
    vectors: Tensor | None = None,
    seed: int = 0,
) -> Model:
    """Build a freshly initialised model; the same seed gives the same weights.

    labels: codes per task. vectors: word vectors (vocabulary_size x embedding width) to start from.
    """
    missing = [task for task in system.tasks if labels.get(task, 0) < 1]
    if missing:
        raise BadSettings(
            f"row {system.name!r} ranks tasks {list(system.tasks)}, but there are no codes for "
            f"{missing}; lower the minimum count or choose a single-task row."
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Model(system, vocabulary_size=vocabulary_size, labels=labels)
    if vectors is not None:
        expected = tuple(model.embedding.weight.shape)
        if tuple(vectors.shape) != expected:
            raise BadSettings(f"word vectors are {tuple(vectors.shape)}, the row needs {expected}")
        with torch.no_grad():
            model.embedding.weight.copy_(vectors)
            model.embedding.weight[PAD] = 0
    return model
