"""The losses against numbers worked by hand."""

import math

import pytest
import torch

from core.losses import BinaryCrossEntropy, Focal

LOGITS = torch.tensor([[0.0, math.log(3.0)]])  # probabilities 1/2 and 3/4
TARGETS = torch.tensor([[1.0, 0.0]])


def test_cross_entropy_is_the_mean_over_notes_and_codes() -> None:
    expected = (math.log(2) + math.log(4)) / 2
    assert BinaryCrossEntropy()(LOGITS, TARGETS).item() == pytest.approx(expected)


def test_paper_focal_loss_weighs_positives_by_alpha_and_sums_over_codes() -> None:
    hit = 0.9 * 0.5**2 * math.log(2)
    miss = 0.1 * 0.75**2 * math.log(4)
    assert Focal(alpha=0.9)(LOGITS, TARGETS).item() == pytest.approx(hit + miss)


def test_released_focal_loss_weighs_both_classes_by_alpha_and_averages() -> None:
    hit = 0.9 * 0.5**2 * math.log(2)
    miss = 0.9 * 0.75**2 * math.log(4)
    loss = Focal(alpha=0.9, form="released")(LOGITS, TARGETS)
    assert loss.item() == pytest.approx((hit + miss) / 2)


def test_paper_focal_loss_does_not_grow_with_the_number_of_notes() -> None:
    once = Focal()(LOGITS, TARGETS)
    torch.testing.assert_close(Focal()(LOGITS.repeat(4, 1), TARGETS.repeat(4, 1)), once)


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), Focal(), Focal(form="released")])
def test_extreme_logits_give_finite_losses_and_gradients(loss: Focal) -> None:
    logits = torch.tensor([[-200.0, 200.0]], requires_grad=True)
    loss(logits, TARGETS).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
