"""The reference computation of MARN, plainly: what `benchmarks.speed` compares ours with.

Written from the papers' equations and from how the released code goes about them (models.md, 7):
no masks, so padding takes part in everything; attention as a codes x tokens matrix; batches in
random order, padded to their longest note; plain Adam. Weights are copied from one of our models,
so that on notes of one length both give the same logits.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from core.assembly import Model
from core.text import pad


class Reference(nn.Module):
    """BiGRU, RAM as MARN eq. 4-11, label attention as eq. 12-15."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        hidden = model.encoder.width // 2
        weights = model.state_dict()
        self.embedding = nn.Embedding(*model.embedding.weight.shape, padding_idx=0)
        self.gru = nn.GRU(
            self.embedding.embedding_dim, hidden, batch_first=True, bidirectional=True
        )
        self.down1, self.down2 = Block(2 * hidden, hidden), Block(hidden, hidden // 2)
        self.lateral = Block(hidden // 2, hidden // 2)
        self.up1, self.up2 = Block(hidden // 2, hidden, up=True), Block(hidden, 2 * hidden, up=True)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleDict(
            {
                task: Head(2 * hidden, len(weights[f"decoders.{task}.bias_L"]))
                for task in _tasks(model)
            }
        )
        self.load_state_dict({_renamed(name): part for name, part in weights.items()})

    def forward(self, tokens_BT: Tensor) -> dict[str, Tensor]:
        """Give logits_BL for each task."""
        hidden_BTD, _ = self.gru(self.embedding(tokens_BT))
        hidden_BDT = hidden_BTD.transpose(1, 2)
        down1 = self.down1(hidden_BDT)
        up1 = self.up1(self.lateral(self.down2(down1))) + down1
        joined_BDT = self.dropout(torch.tanh(self.up2(up1) * hidden_BDT))
        return {task: head(joined_BDT.transpose(1, 2)) for task, head in self.heads.items()}


class Block(nn.Module):
    """norm(conv(tanh(norm(conv(.))))), the first a deconvolution in an up block."""

    def __init__(self, inner: int, outer: int, *, up: bool = False) -> None:
        super().__init__()
        first = nn.ConvTranspose1d if up else nn.Conv1d
        self.first = first(inner, outer, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm1d(outer)
        self.second = nn.Conv1d(outer, outer, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm1d(outer)

    def forward(self, hidden_BDT: Tensor) -> Tensor:
        middle_BDT = torch.tanh(self.first_norm(self.first(hidden_BDT)))
        result: Tensor = self.second_norm(self.second(middle_BDT))
        return result


class Head(nn.Module):
    """A = softmax over tokens (O Q), V = A^T O, y = sum pooling(W * V) + b."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.query_LD = nn.Parameter(torch.empty(labels, width))
        self.weight_LD = nn.Parameter(torch.empty(labels, width))
        self.bias_L = nn.Parameter(torch.empty(labels))

    def forward(self, hidden_BTD: Tensor) -> Tensor:
        attention_BTL = nn.functional.linear(hidden_BTD, self.query_LD).softmax(dim=1)
        values_BLD = attention_BTL.transpose(1, 2) @ hidden_BTD
        return (values_BLD * self.weight_LD).sum(dim=2) + self.bias_L


def random_batches(
    ids: Sequence[Sequence[int]], *, batch_size: int, seed: int
) -> Iterator[tuple[Tensor, list[int]]]:
    """(tokens_BT, which notes) in random order, padded to the longest note."""
    order = list(range(len(ids)))
    random.Random(seed).shuffle(order)  # noqa: S311 - order, not secrets
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield pad([ids[index] for index in batch])[0], batch


def _tasks(model: Model) -> Mapping[str, float]:
    return model.system.tasks


def _renamed(name: str) -> str:
    """Our name of a weight -> the name here."""
    for ours, theirs in (
        ("encoder.gru.", "gru."),
        ("aggregator.", ""),
        ("decoders.", "heads."),
        ("_norm.norm.", "_norm."),
    ):
        name = name.replace(ours, theirs)
    return name
