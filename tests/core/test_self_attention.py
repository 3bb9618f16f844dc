"""Every position looks at every other, and none at padding."""

import pytest
import torch

from core.aggregators import SelfAttention
from core.aggregators.self_attention import positions
from core.errors import BadSettings


def hidden(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_a_change_anywhere_reaches_every_position_of_its_note_alone() -> None:
    aggregator = SelfAttention(heads=2, feedforward=5).build(4).eval()
    before_BSD, mask_BS = hidden(2, 5, 4), torch.ones(2, 5, dtype=torch.bool)
    after_BSD = before_BSD.clone()
    after_BSD[0, 4] += 1
    changed_BS = (aggregator(after_BSD, mask_BS) != aggregator(before_BSD, mask_BS)).any(dim=2)
    assert changed_BS.tolist() == [[True] * 5, [False] * 5]


def test_the_order_of_the_words_counts() -> None:
    aggregator = SelfAttention(heads=2, feedforward=5).build(4).eval()
    given, mask_BS = hidden(1, 3, 4), torch.ones(1, 3, dtype=torch.bool)
    turned = aggregator(given.flip(1), mask_BS).flip(1)
    assert not torch.allclose(turned, aggregator(given, mask_BS), atol=1e-3)


def test_places_are_sines_and_cosines_of_ever_longer_waves() -> None:
    places_SD = positions(torch.zeros(1, 3, 4))
    two = torch.tensor(2.0)
    expected = torch.stack([two.sin(), two.cos(), (two / 100).sin(), (two / 100).cos()])
    torch.testing.assert_close(places_SD[2], expected)
    assert places_SD[0].tolist() == [0, 1, 0, 1]


def test_reading_without_gradients_gives_the_same_states() -> None:
    """torch takes another path there."""
    aggregator = SelfAttention(heads=2, feedforward=5).build(4).eval()
    given, mask_BS = hidden(2, 5, 4), torch.arange(5) < torch.tensor([[5], [2]])
    with torch.inference_mode():
        fast = aggregator(given, mask_BS)
    torch.testing.assert_close(fast.clone(), aggregator(given, mask_BS))


def test_heads_that_do_not_fit_the_width_are_refused() -> None:
    with pytest.raises(BadSettings, match="4 attention heads cannot share a hidden width of 6"):
        SelfAttention(heads=4).build(6)
