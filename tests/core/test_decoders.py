"""One vector for a whole note, or one for each code; label attention in pieces."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import linear
from torch.utils._python_dispatch import TorchDispatchMode

from core.decoders import Pooled
from core.decoders import label_logits as module
from core.decoders.label_logits import label_logits as in_pieces
from core.encoders import BiGRU
from core.encoders.bigru import BiGRUEncoder


def test_max_pooling_takes_the_largest_real_value_of_each_channel() -> None:
    decoder = Pooled(pooling="max").build(2, 2)
    with torch.no_grad():
        decoder.get_parameter("weight_LD").copy_(torch.eye(2))
    hidden_BSD = torch.tensor([[[-3.0, 1.0], [-1.0, -2.0], [0.0, 0.0]]])  # the last one is padding
    logits_BL = decoder(hidden_BSD, torch.tensor([[True, True, False]]))
    assert logits_BL.tolist() == [[-1.0, 1.0]]


def test_the_ends_are_the_last_states_of_both_directions_of_every_note() -> None:
    encoder = BiGRU(hidden=3).build(4)
    assert isinstance(encoder, BiGRUEncoder)
    decoder = Pooled(pooling="ends").build(encoder.width, 5)
    notes = [torch.randn(n, 4, generator=torch.Generator().manual_seed(n)) for n in (6, 1, 4)]
    padded_BTE = torch.nn.utils.rnn.pad_sequence(notes, batch_first=True, padding_value=9.0)
    mask_BT = torch.arange(6) < torch.tensor([[6], [1], [4]])
    logits_BL = decoder(*encoder(padded_BTE, mask_BT))
    for note, logits_L in zip(notes, logits_BL, strict=True):
        _, (forward, backward) = encoder.gru(note)
        expected = linear(torch.cat([forward, backward]), decoder.get_parameter("weight_LD"))
        torch.testing.assert_close(logits_L, expected)


def at_once(
    query_LD: Tensor, weight_LV: Tensor, keys_BSD: Tensor, values_BSV: Tensor, mask_BS: Tensor
) -> Tensor:
    """MARN eq. 12-15 with the whole codes x tokens matrix."""
    scores_BLS = (query_LD @ keys_BSD.transpose(1, 2)).masked_fill(~mask_BS[:, None], -torch.inf)
    return (scores_BLS.softmax(dim=2) @ values_BSV * weight_LV).sum(dim=2)


@pytest.mark.parametrize("piece", [1, 20, 2**21], ids=["one code", "some codes", "all codes"])
@pytest.mark.parametrize("sizes", [(9, 4, 7), (9,), (9, 9)])
def test_label_attention_in_pieces_is_that_of_the_whole_matrix(
    monkeypatch: pytest.MonkeyPatch, piece: int, sizes: tuple[int, ...]
) -> None:
    """Logits and every gradient; also with a hole in the note, and keys that are not values."""
    monkeypatch.setattr(module, "PIECE_CPU", piece)
    generator = torch.Generator().manual_seed(7)
    parts = [
        torch.randn(*shape, generator=generator, dtype=torch.float64, requires_grad=True)
        for shape in ((5, 4), (5, 3), (len(sizes), 9, 4), (len(sizes), 9, 3))
    ]
    mask_BS = torch.arange(9) < torch.tensor(sizes)[:, None]
    mask_BS[:, 1] = False
    found_BL, expected_BL = in_pieces(*parts, mask_BS), at_once(*parts, mask_BS)
    torch.testing.assert_close(found_BL.double(), expected_BL, atol=1e-6, rtol=1e-5)
    slope_BL = torch.randn(len(sizes), 5, generator=generator)
    expected = torch.autograd.grad(expected_BL, parts, slope_BL.double())
    for ours, theirs in zip(torch.autograd.grad(found_BL, parts, slope_BL), expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_no_tensor_is_larger_than_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 codes x 50 tokens are 2,000 numbers; nothing above 500 is made, forwards or backwards."""
    monkeypatch.setattr(module, "PIECE_CPU", 500)
    query_LD, weight_LD = (torch.randn(40, 2, requires_grad=True) for _ in "qw")
    hidden_BSD = torch.randn(1, 50, 2, requires_grad=True)
    with Largest() as seen:
        logits_BL = in_pieces(
            query_LD, weight_LD, hidden_BSD, hidden_BSD, torch.ones(1, 50, dtype=torch.bool)
        )
        logits_BL.sum().backward()
    assert 400 < seen.numbers <= 500


class Largest(TorchDispatchMode):
    """Watches the size of every result."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            self.numbers = max(self.numbers, result.numel())
        return result
