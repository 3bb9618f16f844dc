"""Batch normalisation that is blind to padding."""

import pytest
import torch

from core.aggregators import RAM
from core.errors import BadSettings
from core.parts import MaskedBatchNorm


def test_running_statistics_come_from_real_positions_only() -> None:
    hidden_BDS = torch.tensor([[[1.0, 3.0, 100.0]]])
    mask_BS = torch.tensor([[True, True, False]])
    norm = MaskedBatchNorm(1).train()
    result = norm(hidden_BDS, mask_BS)
    assert norm.norm.running_mean == pytest.approx(0.1 * 2.0)  # momentum 0.1, mean of 1 and 3
    assert result[0, 0].tolist() == pytest.approx([-1.0, 1.0, 0.0], abs=1e-4)


def test_without_padding_it_equals_the_library_layer() -> None:
    hidden_BDS = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    ours, theirs = MaskedBatchNorm(3).train(), torch.nn.BatchNorm1d(3).train()
    mask_BS = torch.ones(2, 5, dtype=torch.bool)
    torch.testing.assert_close(ours(hidden_BDS, mask_BS), theirs(hidden_BDS))
    torch.testing.assert_close(ours.eval()(hidden_BDS, mask_BS), theirs.eval()(hidden_BDS))


def test_a_batch_of_a_single_token_can_be_trained_on() -> None:
    result = MaskedBatchNorm(1).train()(torch.tensor([[[4.0]]]), torch.tensor([[True]]))
    assert result.item() == pytest.approx(4.0, abs=1e-3)


def test_a_width_that_cannot_be_halved_twice_is_refused() -> None:
    with pytest.raises(BadSettings, match="width 3 with kernel 3"):
        RAM().build(3)
