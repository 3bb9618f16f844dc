"""Attentive LSTM: a code's query is what an LSTM makes of its title."""

import torch

from core.decoders import TitleAttention
from core.decoders.title_attention import TitleAttentionDecoder
from core.parts import Knowledge

WORDS_VE = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
WORDS_VE[0] = 0  # PAD
TITLES_LW = torch.tensor([[2, 3, 4, 5], [3, 0, 0, 0], [0, 0, 0, 0], [2, 3, 4, 5]])
KNOWN = Knowledge(
    texts_LW=TITLES_LW,
    pairs_2N=torch.zeros(2, 0, dtype=torch.long),
    weights_N=torch.zeros(0),
    places_LP=torch.zeros(4, 0),
)


def decoder() -> TitleAttentionDecoder:
    torch.manual_seed(1)
    built = TitleAttention().build_informed(5, KNOWN, WORDS_VE)
    assert isinstance(built, TitleAttentionDecoder)
    return built


def test_a_query_is_the_last_state_over_the_words_of_the_title_alone() -> None:
    reader = decoder()
    for code, words in ((0, [2, 3, 4, 5]), (1, [3])):
        states, _ = reader.lstm(WORDS_VE[words].unsqueeze(0))
        torch.testing.assert_close(reader.queries()[code], states[0, -1])


def test_codes_of_one_title_look_at_the_same_words_and_weigh_them_for_themselves() -> None:
    reader = decoder()
    hidden_BSD = torch.randn(1, 7, 5, generator=torch.Generator().manual_seed(2))
    mask_BS = torch.ones(1, 7, dtype=torch.bool)
    same, other, nameless, twin = reader.attention(hidden_BSD, mask_BS, torch.arange(4))[0]
    torch.testing.assert_close(same, twin)
    assert not torch.allclose(same, other)
    assert not torch.allclose(same, nameless)
    logits_BL = reader(hidden_BSD, mask_BS)
    assert logits_BL[0, 0] != logits_BL[0, 3]


def test_only_the_titles_of_the_codes_asked_for_are_read() -> None:
    reader = decoder()
    torch.testing.assert_close(reader.queries(torch.tensor([3, 1])), reader.queries()[[3, 1]])
