"""Batches of notes of like length: padding costs time and carries nothing."""

import random
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from core.text.vocabulary import PAD

POOL = 20  # batches that are sorted together: enough to match lengths, few enough to stay random


def batches(
    lengths: Sequence[int], *, batch_size: int, seed: int | None = None, epoch: int = 0
) -> list[list[int]]:
    """Group the indices of notes so that lengths within a batch are alike.

    With a seed, notes are shuffled first and the order of batches after: (seed, epoch) fixes both.
    Without one, notes run from long to short, so that a batch that does not fit fails at once.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    if seed is None:
        return _cut(order, batch_size)
    shuffle = random.Random(f"{seed}/{epoch}").shuffle  # noqa: S311 - order, not secrets
    shuffle(order)
    grouped: list[list[int]] = []
    for pool in _cut(order, batch_size * POOL):
        grouped += _cut(sorted(pool, key=lambda index: lengths[index]), batch_size)
    shuffle(grouped)
    return grouped


def pad(notes: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Give (tokens_BT, mask_BT) for notes as word ids; the mask is true at real tokens."""
    longest = max(len(note) for note in notes)
    tokens_BT = torch.tensor([[*note, *[PAD] * (longest - len(note))] for note in notes])
    lengths_B1 = torch.tensor([[len(note)] for note in notes])
    return tokens_BT, torch.arange(longest) < lengths_B1


def _cut(items: Sequence[int], size: int) -> list[list[int]]:
    """As few runs as there must be, all but equally long: no batch is a lone leftover."""
    runs = -(-len(items) // size)
    edges = [len(items) * run // runs for run in range(runs + 1)] if runs else []
    return [list(items[start:end]) for start, end in pairwise(edges)]
