"""Windows over words: how many there are, what they read, on which words their scores are shown."""

from typing import Literal

import pytest
import torch

from core.encoders import BiGRU, Conv
from core.encoders.bigru import BiGRUEncoder
from core.encoders.conv import ConvEncoder

Padding = Literal["same", "half", "none"]


def encoder(padding: Padding, *, kernel: int = 4) -> ConvEncoder:
    built = Conv(filters=1, kernel=kernel, padding=padding).build(1)
    assert isinstance(built, ConvEncoder)
    return built


@pytest.mark.parametrize(
    ("padding", "windows"), [("same", [7, 2, 1]), ("half", [8, 3, 2]), ("none", [4, 1, 1])]
)
def test_every_padding_has_its_number_of_windows(padding: Padding, windows: list[int]) -> None:
    """Notes of 7, 2 and 1 words under a kernel of 4; no note is without a window."""
    mask_BT = torch.arange(7) < torch.tensor([[7], [2], [1]])
    _, mask_BS = encoder(padding)(torch.zeros(3, 7, 1), mask_BT)
    assert mask_BS.sum(dim=1).tolist() == windows


@pytest.mark.parametrize(
    ("padding", "sums"), [("same", [6, 10, 9, 7]), ("half", [3, 6, 10, 9, 7]), ("none", [10])]
)
def test_a_window_reads_its_own_words(padding: Padding, sums: list[int]) -> None:
    """The words 1, 2, 3, 4 with all weights one: a window's state is the sum of its words."""
    reader = encoder(padding)
    torch.nn.init.ones_(reader.conv.weight)
    torch.nn.init.zeros_(reader.conv.bias)  # type: ignore[arg-type]  # Conv1d has a bias
    words_BTE = torch.tensor([[[0.01], [0.02], [0.03], [0.04]]])
    hidden_BSD, _ = reader(words_BTE, torch.ones(1, 4, dtype=torch.bool))
    assert (100 * hidden_BSD.atanh()).flatten().tolist() == pytest.approx(sums, abs=1e-3)


def test_an_odd_kernel_reads_the_same_windows_with_both_paddings() -> None:
    same, half = encoder("same", kernel=3), encoder("half", kernel=3)
    half.load_state_dict(same.state_dict())
    given = torch.randn(2, 6, 1, generator=torch.Generator().manual_seed(0))
    mask_BT = torch.arange(6) < torch.tensor([[6], [3]])
    torch.testing.assert_close(half(given, mask_BT), same(given, mask_BT))


@pytest.mark.parametrize(
    ("padding", "window", "shown"),
    [
        ("same", 2, [0, 0.25, 0.25, 0.25, 0.25, 0, 0]),
        ("half", 7, [0, 0, 0, 0, 0, 0.5, 0.5]),
        ("none", 0, [0.25, 0.25, 0.25, 0.25, 0, 0, 0]),
    ],
)
def test_a_windows_score_is_shown_on_the_words_it_reads(
    padding: Padding, window: int, shown: list[float]
) -> None:
    """Seven words, one window scored 1; what stands beyond the note gets nothing."""
    mask_BT = torch.ones(1, 7, dtype=torch.bool)
    _, mask_BS = encoder(padding)(torch.zeros(1, 7, 1), mask_BT)
    scores_BCS = torch.zeros(1, 1, mask_BS.shape[1])
    scores_BCS[0, 0, window] = 1
    assert encoder(padding).on_tokens(scores_BCS, mask_BT).flatten().tolist() == pytest.approx(
        shown
    )


@pytest.mark.parametrize("padding", ["same", "half", "none"])
def test_a_score_keeps_its_total_on_notes_of_any_length(padding: Padding) -> None:
    mask_BT = torch.arange(9) < torch.tensor([[9], [4], [2], [1]])
    _, mask_BS = encoder(padding)(torch.zeros(4, 9, 1), mask_BT)
    generator = torch.Generator().manual_seed(1)
    scores_BCS = torch.rand(4, 2, mask_BS.shape[1], generator=generator) * mask_BS.unsqueeze(1)
    scores_BCT = encoder(padding).on_tokens(scores_BCS, mask_BT)
    torch.testing.assert_close(scores_BCT.sum(dim=2), scores_BCS.sum(dim=2))
    assert not scores_BCT.masked_select(~mask_BT.unsqueeze(1)).any()


@pytest.mark.parametrize("lengths", [(5, 1, 7), (4,), (6, 6)])
def test_the_recurrence_for_training_is_the_librarys_gru(lengths: tuple[int, ...]) -> None:
    """States and every gradient, on notes of all lengths: the library reads packed notes."""
    reader = BiGRU(hidden=5).build(3)
    assert isinstance(reader, BiGRUEncoder)
    longest, generator = max(lengths), torch.Generator().manual_seed(4)
    words_BTE = torch.randn(len(lengths), longest, 3, generator=generator, requires_grad=True)
    mask_BT = torch.arange(longest) < torch.tensor(lengths)[:, None]
    weigh_BTD = torch.randn(len(lengths), longest, 10, generator=generator)
    learned_from = (words_BTE, *reader.parameters())

    packed = torch.nn.utils.rnn.pack_padded_sequence(
        words_BTE, torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    expected_BTD, _ = torch.nn.utils.rnn.pad_packed_sequence(reader.gru(packed)[0], True)
    found_BTD, _ = reader(words_BTE, mask_BT)
    torch.testing.assert_close(found_BTD, expected_BTD)
    assert not found_BTD[~mask_BT].any()
    expected = torch.autograd.grad((expected_BTD * weigh_BTD).sum(), learned_from)
    for name, ours, theirs in zip(
        ("words", *dict(reader.named_parameters())),
        torch.autograd.grad((found_BTD * weigh_BTD).sum(), learned_from),
        expected,
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, msg=lambda told, name=name: f"{name}: {told}")


def test_a_note_reads_alike_with_and_without_gradients() -> None:
    reader, words_BTE = BiGRU(hidden=5).build(3), torch.randn(2, 6, 3)
    mask_BT = torch.arange(6) < torch.tensor([[6], [2]])
    learning, _ = reader(words_BTE, mask_BT)
    with torch.inference_mode():
        scoring, _ = reader(words_BTE, mask_BT)
    torch.testing.assert_close(learning.detach(), scoring)
