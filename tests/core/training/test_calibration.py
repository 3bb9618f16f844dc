"""Probabilities that mean what they say, without changing a rank."""

import math

import pytest
import torch

from core.text import pad
from core.training import Examples, calibrate, score
from core.training.calibration import fit
from tests.models import some_notes, some_targets, tiny_model


def test_a_group_of_equal_scores_gets_its_share_of_gold_codes() -> None:
    logits = torch.full((100, 10), 4.0, dtype=torch.double)
    logits[:, 5:] = 2.0
    targets = torch.zeros(100, 10)
    targets[:30, :5] = 1  # 150 of 500 at 4.0
    targets[:2, 5:] = 1  # 10 of 500 at 2.0
    slope, intercept = fit(logits, targets)
    assert torch.sigmoid(torch.tensor(slope * 4 + intercept)).item() == pytest.approx(
        0.30, abs=0.01
    )
    assert torch.sigmoid(torch.tensor(slope * 2 + intercept)).item() == pytest.approx(
        0.02, abs=0.01
    )


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_without_both_kinds_nothing_is_changed(value: float) -> None:
    assert fit(torch.randn(4, 3).double(), torch.full((4, 3), value)) == (1.0, 0.0)


def test_scores_that_say_nothing_keep_their_order() -> None:
    generator = torch.Generator().manual_seed(0)
    slope, intercept = fit(
        torch.randn(50, 4, generator=generator).double(),
        (torch.rand(50, 4, generator=generator) < 0.1).float(),
    )
    assert slope >= 0
    assert math.isfinite(intercept)


def test_calibrating_a_model_keeps_every_rank() -> None:
    model = tiny_model("marn").eval()
    notes = some_notes(9, 4, 7, 6)
    targets = some_targets(model, 4)
    missed = {task: torch.zeros(4, dtype=torch.int64) for task in targets}
    examples = Examples(notes=(), ids=tuple(map(tuple, notes)), targets=targets, missed=missed)
    before = score(model, examples)
    calibrate(model, examples)
    after = score(model, examples)
    for task in before:
        assert torch.equal(before[task].argsort(dim=1), after[task].argsort(dim=1))
        assert after[task].mean().item() == pytest.approx(targets[task].mean().item(), abs=0.05)


def test_rescaling_leaves_attention_alone() -> None:
    model = tiny_model("marn").eval()
    batch = pad(some_notes(8, 3))
    hidden_BSD, mask_BS = model.read(*batch)
    decoder, codes_C = model.decoder("icd"), torch.arange(3)
    attention_BCS = decoder.attention(hidden_BSD, mask_BS, codes_C)
    logits_BL = model(*batch)["icd"]
    decoder.rescale(2.0, -1.0)
    torch.testing.assert_close(model(*batch)["icd"], 2 * logits_BL - 1)
    assert torch.equal(decoder.attention(hidden_BSD, mask_BS, codes_C), attention_BCS)
