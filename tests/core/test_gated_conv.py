"""Gated convolutions against their equations, read one word at a time."""

import torch
from torch import Tensor

from core.encoders import GatedConv
from core.encoders.gated_conv import GatedConvEncoder
from core.text import pad

SETTINGS = GatedConv(outputs=2, hidden=3, kernel=3, levels=2, dropout=0.0)


def encoder() -> GatedConvEncoder:
    torch.manual_seed(0)
    built = SETTINGS.build(4)
    assert isinstance(built, GatedConvEncoder)
    with torch.no_grad():
        for part in built.parameters():
            part.mul_(30)  # far enough from 0 for the gates to matter
    return built


def by_hand(model: GatedConvEncoder, words_TE: Tensor) -> Tensor:
    """h_t of one direction, position by position."""
    channels, length = 5, len(words_TE)
    states = [torch.zeros(channels)] * length
    cells = [torch.zeros(channels)] * length
    for dilation in (1, 2):
        found, kept = [], []
        for t in range(length):
            gates = model.states.bias
            assert gates is not None
            for tap in range(3):
                at = t - (2 - tap) * dilation
                if at >= 0:
                    gates = gates + model.words.weight[:, :, tap] @ words_TE[at]
                    gates = gates + model.states.weight[:, :, tap] @ states[at]
            into, out, new, keep = gates.chunk(4)
            before = cells[t - dilation] if t >= dilation else torch.zeros(channels)
            cell = keep.sigmoid() * before + into.sigmoid() * new.tanh()
            kept.append(cell)
            found.append(out.sigmoid() * cell.tanh())
        states, cells = found, kept
    return torch.stack(states)[:, -2:]


def test_each_level_gates_words_and_states_at_its_own_distance() -> None:
    model = encoder()
    words_BTE = torch.randn(1, 7, 4, generator=torch.Generator().manual_seed(1))
    hidden_BTD, _ = model(words_BTE, torch.ones(1, 7, dtype=torch.bool))
    torch.testing.assert_close(hidden_BTD[0, :, :2], by_hand(model, words_BTE[0]))
    backward_TD = by_hand(model, words_BTE[0].flip(0)).flip(0)
    torch.testing.assert_close(hidden_BTD[0, :, 2:], backward_TD)


def test_the_last_word_is_read_first_however_much_padding_follows_it() -> None:
    model = encoder()
    words_BTE = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(1))
    _, mask_BT = pad([[2] * 6, [2] * 3])
    hidden_BTD, _ = model(words_BTE, mask_BT)
    backward_TD = by_hand(model, words_BTE[1, :3].flip(0)).flip(0)
    torch.testing.assert_close(hidden_BTD[1, :3, 2:], backward_TD)
    assert not hidden_BTD[1, 3:].any()


def test_a_channel_is_dropped_in_a_whole_note_or_not_at_all() -> None:
    torch.manual_seed(0)
    model = GatedConv(outputs=20, hidden=3, dropout=0.5).build(4).train()
    hidden_BTD, _ = model(torch.randn(1, 9, 4), torch.ones(1, 9, dtype=torch.bool))
    dropped = (hidden_BTD[0] == 0).sum(dim=0)
    assert set(dropped.tolist()) == {0, 9}
