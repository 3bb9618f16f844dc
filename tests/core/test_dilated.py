"""Causal convolutions with gaps: what a word's state can know, and how far back it reaches."""

import pytest
import torch
from torch import Tensor

from core.encoders import Dilated
from core.parts import Encoder


def encoder(levels: int, kernel: int) -> Encoder:
    torch.manual_seed(3)
    settings = Dilated(hidden=16, projection=8, levels=levels, kernel=kernel, dropout=0.0)
    return settings.build(4)


def touched(reader: Encoder, place: int, words: int = 16) -> Tensor:
    """Which states change when the word at `place` does."""
    given = torch.randn(1, words, 4, generator=torch.Generator().manual_seed(1))
    mask_BT = torch.ones(1, words, dtype=torch.bool)
    before_BTD, _ = reader(given, mask_BT)
    given[0, place] += 5
    return (reader(given, mask_BT)[0] != before_BTD).any(dim=2)[0]


@pytest.mark.parametrize(
    ("levels", "kernel", "reach"), [(1, 2, 2), (2, 2, 6), (3, 2, 14), (1, 3, 4)]
)
def test_a_word_reaches_the_states_behind_it_as_far_as_the_gaps_let_it(
    levels: int, kernel: int, reach: int
) -> None:
    """Two convolutions a level, each reaching (kernel - 1) * 2^level words further."""
    changed = touched(encoder(levels, kernel), place=1)
    assert not changed[0]
    assert not changed[1 + reach + 1 :].any()
    assert changed[1]
    assert changed[1 : 1 + reach + 1].sum() > reach / 2  # a rectifier may hide one


def test_direction_and_length_of_a_weight_are_learned_apart() -> None:
    reader = encoder(1, 2)
    names = {name.rpartition(".")[2] for name, _ in reader.named_parameters() if "first" in name}
    assert names == {"bias", "original0", "original1"}
    length = reader.get_parameter("levels.0.first.parametrizations.weight.original0")
    weight = reader.get_submodule("levels.0.first").weight
    torch.testing.assert_close(weight.flatten(1).norm(dim=1), length.flatten())
