"""One vector for a whole note: the largest values, or where each direction ended."""

import torch
from torch.nn.functional import linear

from core.decoders import Pooled
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
