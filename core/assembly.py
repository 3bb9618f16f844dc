"""A row of the systems table -> a model: embed, encode, aggregate, decode per task, joint loss."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from core.errors import BadSettings
from core.losses import Marks
from core.parts import Decoder, InformedDecoderSettings, Knowledge
from core.systems import System
from core.text import PAD


class Model(nn.Module):
    """Scores every code of every task. Keeps no state between calls: safe to share by threads."""

    def __init__(
        self,
        system: System,
        *,
        vocabulary_size: int,
        labels: Mapping[str, int],
        knowledge: Mapping[str, Knowledge] | None = None,
    ) -> None:
        super().__init__()
        self.system = system
        self.knowledge = knowledge or {}
        self.embedding = nn.Embedding(vocabulary_size, system.embedding.width, padding_idx=PAD)
        self.embedding_dropout = nn.Dropout(system.embedding.dropout)
        self.encoder = system.encoder.build(system.embedding.width)
        width = self.encoder.width
        self.aggregator = system.aggregator.build(width) if system.aggregator else None
        self.decoders = nn.ModuleDict(
            {task: self._decoder(task, width, labels[task]) for task in system.tasks}
        )
        self.description = (
            system.description.build(system.embedding.width, width, vocabulary_size=vocabulary_size)
            if system.description
            else None
        )
        counts = {task: labels[task] for task in system.tasks}
        self.cascade = system.cascade.build(counts) if system.cascade else None

    def forward(self, tokens_BT: Tensor, mask_BT: Tensor) -> dict[str, Tensor]:
        """Give logits_BL for each task. Every note needs at least one real token."""
        return self.decode(*self.read(tokens_BT, mask_BT))

    def decode(
        self, hidden_BSD: Tensor, mask_BS: Tensor, codes: Mapping[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Give logits_BL for each task from what `read` gave; with `codes`, of these alone."""
        asked = dict.fromkeys(self.decoders) if codes is None else codes
        if self.cascade is None:
            return {
                task: self.decoder(task)(hidden_BSD, mask_BS, asked[task]) for task in self.decoders
            }
        leading = self.cascade.leading
        leading_BK = self.decoder(leading)(hidden_BSD, mask_BS)  # all of it is told on
        chosen_BC = leading_BK if codes is None else leading_BK[:, codes[leading]]
        return {leading: self.cascade.calibrated(chosen_BC)} | {
            task: self.decoder(task)(hidden_BSD, mask_BS, asked[task])
            + self.cascade(leading_BK, task, asked[task])
            for task in self.decoders
            if task != leading
        }

    def decoder(self, task: str) -> Decoder:
        """The branch that ranks the codes of `task`."""
        return cast(Decoder, self.decoders[task])

    def rescale(self, task: str, slope: float, intercept: float) -> None:
        """Turn every logit x of a task into slope * x + intercept from now on (calibration)."""
        if self.cascade is None or task != self.cascade.leading:
            self.decoder(task).rescale(slope, intercept)
        if self.cascade is not None:
            self.cascade.rescale(task, slope, intercept)

    def _decoder(self, task: str, width: int, labels: int) -> Decoder:
        settings = self.system.decoder
        if isinstance(settings, InformedDecoderSettings):
            return settings.build_informed(width, self.knowledge[task], self.embedding.weight)
        return settings.build(width, labels)

    def read(self, tokens_BT: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS): what all decoders look at."""
        return self.read_embedded(self.embedding(tokens_BT), mask_BT)

    def read_embedded(self, tokens_BTE: Tensor, mask_BT: Tensor) -> tuple[Tensor, Tensor]:
        """The same from word vectors: what explains a score may change these a little."""
        hidden_BSD, mask_BS = self.encoder(self.embedding_dropout(tokens_BTE), mask_BT)
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

    def description_loss(self, targets: Mapping[str, Tensor]) -> Tensor:
        """Weighted sum of the tasks' description losses, with the row's weight; 0 without the cell.

        targets: of all codes of each task.
        """
        supervision, reader = self.system.description, self.description
        if supervision is None or reader is None:
            return self.embedding.weight.new_zeros(())
        parts = [
            weight
            * supervision(
                reader,
                self.knowledge[task],
                self.get_parameter(f"decoders.{task}.weight_LD"),
                targets[task],
            )
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
    knowledge: Mapping[str, Knowledge] | None = None,
    seed: int = 0,
) -> Model:
    """Build a freshly initialised model; the same seed gives the same weights.

    labels: codes per task; a model that ranks none yet can only be fine-tuned. vectors: word
    vectors (vocabulary_size x embedding width) to start from. knowledge: what is known about the
    codes of each task, where the row has a `knowledge` cell.
    """
    missing = [task for task in system.tasks if task not in labels]
    if missing:
        raise BadSettings(f"row {system.name!r} ranks tasks {list(system.tasks)}; name {missing}")
    _check_knowledge(system, labels, knowledge or {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Model(system, vocabulary_size=vocabulary_size, labels=labels, knowledge=knowledge)
    if vectors is not None:
        expected = tuple(model.embedding.weight.shape)
        if tuple(vectors.shape) != expected:
            raise BadSettings(f"word vectors are {tuple(vectors.shape)}, the row needs {expected}")
        tables = [model.embedding, *([model.description.embedding] if model.description else [])]
        with torch.no_grad():
            for table in tables:
                table.weight.copy_(vectors)
                table.weight[PAD] = 0
    return model


def _check_knowledge(
    system: System, labels: Mapping[str, int], knowledge: Mapping[str, Knowledge]
) -> None:
    if system.knowledge is None:
        return
    for task in system.tasks:
        known = len(knowledge[task].texts_LW) if task in knowledge else 0
        if known != labels[task]:
            raise BadSettings(
                f"row {system.name!r} needs to know about {labels[task]} codes of task {task!r}, "
                f"and was told about {known}; gather knowledge for this label space"
            )
