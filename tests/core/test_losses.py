"""The losses against numbers worked by hand."""

import math

import pytest
import torch

from core.decoders import LabelAttention
from core.errors import BadSettings
from core.losses import BinaryCrossEntropy, EvidenceLoss, Focal, Mark
from core.parts import Decoder

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


def looking(*queries: tuple[float, float]) -> Decoder:
    """Codes that look at two-dimensional states, each with its own query."""
    decoder = LabelAttention().build(2, len(queries))
    with torch.no_grad():
        decoder.get_parameter("query_LD").copy_(torch.tensor(queries))
    return decoder


TOKENS = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
REAL = torch.tensor([[True, True, False]])


def test_evidence_loss_is_how_little_attention_falls_on_what_is_marked() -> None:
    """Scores log 3 and 0 over the two real tokens: attention 3/4 and 1/4."""
    decoder = looking((math.log(3), 0.0))
    for token, share in ((0, 3 / 4), (1, 1 / 4)):
        loss = EvidenceLoss()(decoder, TOKENS, REAL, [[Mark(code=0, tokens=(token,))]])
        assert loss.item() == pytest.approx(-math.log(share))
    both = EvidenceLoss()(decoder, TOKENS, REAL, [[Mark(code=0, tokens=(0, 1))]])
    assert both.item() == pytest.approx(0, abs=1e-6)


def test_evidence_loss_is_the_mean_over_the_marked_codes() -> None:
    decoder = looking((math.log(3), 0.0), (9.0, -9.0), (0.0, 0.0))
    marks = [[Mark(code=2, tokens=(1,)), Mark(code=0, tokens=(0,))]]
    loss = EvidenceLoss()(decoder, TOKENS, REAL, marks)
    assert loss.item() == pytest.approx((math.log(2) - math.log(3 / 4)) / 2)


def test_where_nothing_is_marked_there_is_no_evidence_loss() -> None:
    assert EvidenceLoss()(looking((1.0, 0.0)), TOKENS, REAL, [[]]).item() == 0


def test_learning_draws_attention_onto_the_marked_tokens_until_nothing_is_lost() -> None:
    decoder = looking((0.0, 1.0))
    marks = [[Mark(code=0, tokens=(0,))]]
    optimizer = torch.optim.Adam(decoder.parameters(), lr=0.5)
    for _ in range(60):
        optimizer.zero_grad()
        loss = EvidenceLoss()(decoder, TOKENS, REAL, marks)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01
    attention_BCS = decoder.attention(TOKENS, REAL, torch.tensor([0]))
    assert attention_BCS[0, 0, 0] > 0.99


def test_attention_that_is_nowhere_near_gives_a_finite_loss() -> None:
    loss = EvidenceLoss()(looking((-99.0, 99.0)), TOKENS, REAL, [[Mark(code=0, tokens=(0,))]])
    assert loss.item() == pytest.approx(-math.log(1e-6), rel=1e-3)


def test_an_encoder_that_drops_tokens_cannot_be_shown_evidence() -> None:
    with pytest.raises(BadSettings, match="keeps every token"):
        EvidenceLoss()(looking((1.0, 0.0)), TOKENS, REAL, [[Mark(code=0, tokens=(3,))]])
