"""Windows of several widths with residual blocks, and words compressed between the two."""

import pytest
import torch
from torch import Tensor, nn

from core.encoders import MultiRes
from core.encoders.multi_res import MultiResEncoder, SoftPool
from core.errors import BadSettings
from core.layers import MaskedNoteNorm


def encoder(**settings: object) -> MultiResEncoder:
    torch.manual_seed(0)
    built = MultiRes(**{"filters": 3, "kernels": (3, 5), "dropout": 0.0, **settings}).build(4)  # type: ignore[arg-type]  # the settings a test asks for
    assert isinstance(built, MultiResEncoder)
    return built.eval()


def words(notes: int, length: int) -> Tensor:
    return torch.randn(notes, length, 4, generator=torch.Generator().manual_seed(1))


def test_a_position_holds_every_kernels_filters_side_by_side() -> None:
    hidden_BSD, mask_BS = encoder()(words(2, 6), torch.ones(2, 6, dtype=torch.bool))
    assert hidden_BSD.shape == (2, 6, 6)
    assert mask_BS.shape == (2, 6)
    wide, narrow = encoder(kernels=(3, 5)), encoder(kernels=(5,))
    narrow.channels["5"].load_state_dict(wide.channels["5"].state_dict())
    mask_BT = torch.ones(2, 6, dtype=torch.bool)
    torch.testing.assert_close(
        wide(words(2, 6), mask_BT)[0][:, :, 3:], narrow(words(2, 6), mask_BT)[0]
    )


def test_the_shortcut_reaches_the_result_past_the_block() -> None:
    """With the block's last scale at zero, a state is tanh of the normalised shortcut."""
    reader = encoder(kernels=(3,))
    channel = reader.channels["3"]
    nn.init.zeros_(channel.get_parameter("block.second_norm.norm.weight"))
    given, mask_BT = words(1, 5), torch.ones(1, 5, dtype=torch.bool)
    base_BET = torch.tanh(channel.base(given.transpose(1, 2)))
    direct_BDT = channel.shortcut_norm(channel.shortcut(base_BET), mask_BT)
    torch.testing.assert_close(reader(given, mask_BT)[0], direct_BDT.tanh().transpose(1, 2))


@pytest.mark.parametrize(("length", "positions"), [(1, 1), (2, 1), (3, 2), (6, 3), (7, 4)])
def test_neighbouring_words_become_one_position(length: int, positions: int) -> None:
    mask_BT = torch.ones(1, length, dtype=torch.bool)
    for norm in ("batch", "note"):
        hidden_BSD, mask_BS = encoder(compress=2, norm=norm)(words(1, length), mask_BT)
        assert hidden_BSD.shape[1] == mask_BS.sum() == positions


def test_a_compressed_position_is_the_mean_of_its_words_by_their_score() -> None:
    pool = SoftPool(1, 2)
    nn.init.ones_(pool.score.weight)
    words_BET = torch.tensor([[[0.0, 2.0, 1.0, 9.0]]])
    mask_BT = torch.tensor([[True, True, True, False]])
    pooled_BES = pool(words_BET, mask_BT)
    share = torch.tensor(2.0).sigmoid().item()
    assert pooled_BES.flatten().tolist() == pytest.approx([2 * share, 1.0])


def test_a_compressed_score_falls_evenly_on_its_real_words_and_keeps_its_total() -> None:
    mask_BT = torch.arange(5) < torch.tensor([[5], [3]])
    scores_BCS = torch.tensor([[[0.2, 0.4, 0.4]], [[0.5, 0.5, 0.0]]])
    shown_BCT = encoder(compress=2).on_tokens(scores_BCS, mask_BT)
    assert shown_BCT[0, 0].tolist() == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.4])
    assert shown_BCT[1, 0].tolist() == pytest.approx([0.25, 0.25, 0.5, 0.0, 0.0])


def test_normalising_a_note_without_padding_is_a_group_norm_with_one_group() -> None:
    ours, plain = MaskedNoteNorm(4), nn.GroupNorm(1, 4)
    for part in (ours.weight_D, ours.bias_D):
        nn.init.uniform_(part)
    plain.load_state_dict({"weight": ours.weight_D.data, "bias": ours.bias_D.data})
    hidden_BDS = words(3, 7).transpose(1, 2)
    mask_BS = torch.ones(3, 7, dtype=torch.bool)
    torch.testing.assert_close(ours(hidden_BDS, mask_BS), plain(hidden_BDS))


@pytest.mark.parametrize("kernels", [(), (3, 4)])
def test_kernels_that_would_shift_the_words_are_refused(kernels: tuple[int, ...]) -> None:
    with pytest.raises(BadSettings, match="odd kernels"):
        MultiRes(kernels=kernels).build(4)
