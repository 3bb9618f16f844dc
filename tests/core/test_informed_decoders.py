"""Decoders that know about their codes, on figures one can check by hand."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.assembly import assemble
from core.decoders import CondensedMemory, HyperCore, Interaction
from core.decoders.code_texts import CodeTexts
from core.decoders.hypercore import HyperCoreDecoder
from core.errors import BadSettings
from core.knowledge import distance
from core.parts import Decoder, Knowledge
from core.text import pad
from tests.models import LABELS, some_notes, tiny, tiny_knowledge, tiny_model

WORDS_VE = torch.tensor([[0.0, 0.0], [9.0, 9.0], [1.0, 0.0], [0.0, 2.0]])
TEXTS_LW = torch.tensor([[2, 0, 0], [2, 3, 0], [0, 0, 0]])  # means (1, 0), (.5, 1), nothing
KNOWN = Knowledge(
    texts_LW=TEXTS_LW,
    pairs_2N=torch.tensor([[0, 1, 2], [0, 1, 2]]),  # no company
    weights_N=torch.ones(3),
    places_LP=torch.tensor([[0.0, 0.0], [0.5, 0.0], [0.0, -0.5]]),
)
MASK_BS = torch.tensor([[True, True]])


def set_to(decoder: Decoder, **values: Tensor) -> None:
    with torch.no_grad():
        for name, value in values.items():
            decoder.get_parameter(name.replace("__", ".")).copy_(value)


def test_a_text_is_the_mean_of_its_words_and_nothing_is_zero() -> None:
    texts = CodeTexts(TEXTS_LW, WORDS_VE)
    expected_LE = torch.tensor([[1.0, 0], [0.5, 1], [0, 0]])
    torch.testing.assert_close(texts(), expected_LE)
    torch.testing.assert_close(texts(torch.tensor([1])), expected_LE[1:2])


def test_word_vectors_are_borrowed_not_owned_and_learn_from_the_texts_too() -> None:
    model = tiny_model("gated_cnn_nci")
    names = [name for name, _ in model.named_parameters()]
    assert sum("embedding" in name or "words" in name for name in names) == 2  # and the encoder's
    texts_LW = model.knowledge["icd"].texts_LW
    model(*pad([[19]]))["icd"].sum().backward()  # a word that no text holds
    gradient_VE = model.embedding.weight.grad
    assert gradient_VE is not None
    assert gradient_VE[texts_LW[0, 0]].any()


@pytest.mark.parametrize("row", ["hypercore", "gated_cnn_nci", "c_memnn"])
def test_borrowed_word_vectors_go_where_the_model_goes(row: str) -> None:
    model = tiny_model(row).eval()
    batch = pad(some_notes(7, 4))
    before_BL = model(*batch)["icd"]
    after_BL = model.double()(*batch)["icd"]
    assert after_BL.dtype == torch.double
    torch.testing.assert_close(after_BL.float(), before_BL, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("row", ["dr_caml", "hypercore", "gated_cnn_nci", "c_memnn"])
def test_half_precision_moves_a_score_little(row: str) -> None:
    model = tiny_model(row).eval()
    batch = pad(some_notes(7, 4))
    exact_BL = model(*batch)["icd"]
    with torch.autocast("cpu", torch.bfloat16):
        rough_BL = model(*batch)["icd"]
    torch.testing.assert_close(rough_BL.float(), exact_BL, atol=0.05, rtol=0.05)


def test_an_interaction_sends_every_state_along_its_edge() -> None:
    decoder = Interaction().build_informed(2, KNOWN, WORDS_VE)
    ones = torch.ones(3, 2)
    set_to(decoder, projection_D=torch.tensor([1.0, 10]), weight_LD=ones, bias_L=torch.ones(3))
    hidden_BSD = torch.tensor([[[1.0, 2], [3, -1]]])
    # code 0, (1, 0): edges 1 and 3, message (1, 2) + 3 (3, -1) = (10, -1), with p: 10 - 10
    # code 1, (.5, 1): edges 2.5 and .5, message (4, 4.5), with p: 4 + 45
    expected_BL = torch.tensor([[0.0, 49, 0]]) + 1
    torch.testing.assert_close(decoder(hidden_BSD, MASK_BS), expected_BL)


def test_an_interaction_refuses_states_that_texts_cannot_be_compared_with() -> None:
    with pytest.raises(BadSettings, match="width 3 with word vectors of width 2; make them equal"):
        Interaction().build_informed(3, KNOWN, WORDS_VE)


def test_a_memory_is_read_by_likeness_and_condensed() -> None:
    decoder = CondensedMemory(hops=1).build_informed(2, KNOWN, WORDS_VE)
    set_to(
        decoder,
        key__weight=100 * torch.eye(2),
        value__weight=torch.eye(2),
        condense__0__weight=torch.tensor([[1.0, 1]]),
        weight_LD=torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
    )
    hidden_BSD = torch.tensor([[[4.0, 0], [0, 0]]])
    # u = (2, 0): likest code 0, o = (1, 0); condensed: u + o, then D u = 2 + 0
    torch.testing.assert_close(decoder(hidden_BSD, MASK_BS), torch.tensor([[3.0, 0, 2]]))


def test_every_hop_halves_what_was_known_before() -> None:
    decoder = CondensedMemory(hops=3).build_informed(8, KNOWN, torch.zeros(4, 2))
    assert decoder.get_parameter("weight_LD").shape == (3, 8 + (8 + (8 + 8 // 2) // 2) // 2)
    with pytest.raises(BadSettings, match="0 hops"):
        CondensedMemory(hops=0).build_informed(8, KNOWN, WORDS_VE)


def test_hypercore_adds_a_likeness_and_takes_off_a_distance() -> None:
    decoder = HyperCore().build_informed(2, KNOWN, WORDS_VE)
    assert isinstance(decoder, HyperCoreDecoder)
    eye = torch.eye(2)
    set_to(
        decoder,
        graph__first__weight=eye,
        graph__second__weight=eye,
        direction__weight=eye,
        direction__bias=torch.zeros(2),
        radius__weight=torch.zeros(1, 2),
        radius__bias=torch.zeros(1),  # half-way to the edge
        near_L=torch.tensor([1.0, 2, 3]),
        bias_L=torch.tensor([0.0, 0, 1]),
    )
    hidden_BSD = torch.tensor([[[3.0, 0], [3, 0]]])  # whoever looks sees (3, 0), at (.5, 0)
    logits_BL = decoder(hidden_BSD, MASK_BS)
    assert logits_BL[0, 0].item() == pytest.approx(3 * 1 - 1 * distance(*KNOWN.places_LP[:2]))
    assert logits_BL[0, 1].item() == pytest.approx(3 * 0.5, abs=2e-3)  # it stands where it belongs
    far = distance(KNOWN.places_LP[1], KNOWN.places_LP[2])
    assert logits_BL[0, 2].item() == pytest.approx(1 - 3 * far.item())


def test_no_note_is_placed_outside_the_ball_whatever_its_states() -> None:
    decoder = HyperCore().build_informed(2, KNOWN, WORDS_VE)
    assert isinstance(decoder, HyperCoreDecoder)
    placed_BCP = decoder.placed(
        1e6 * torch.randn(5, 7, 2, generator=torch.Generator().manual_seed(0))
    )
    assert (placed_BCP.norm(dim=2) < 1).all()
    assert distance(placed_BCP, KNOWN.places_LP[1]).isfinite().all()


@pytest.mark.parametrize("row", ["dr_caml", "hypercore", "gated_cnn_nci", "c_memnn"])
def test_a_row_that_needs_knowledge_is_not_built_without_it(row: str) -> None:
    told = f"row '{row}' needs to know about 5 codes of task 'icd', and was told about 0"
    with pytest.raises(BadSettings, match=told):
        assemble(tiny(row), vocabulary_size=20, labels=LABELS)


def test_knowledge_of_another_label_space_is_refused() -> None:
    row = tiny("hypercore")
    known = tiny_knowledge(row)["icd"]
    shorter = {"icd": replace(known, texts_LW=known.texts_LW[:3])}
    with pytest.raises(BadSettings, match="5 codes of task 'icd', and was told about 3; gather"):
        assemble(row, vocabulary_size=20, labels=LABELS, knowledge=shorter)


def test_what_a_text_says_changes_the_scores() -> None:
    for name in ("hypercore", "gated_cnn_nci", "c_memnn"):
        row = tiny(name)
        known = tiny_knowledge(row)["icd"]
        swapped = replace(known, texts_LW=known.texts_LW.flip(0))
        first, second = (
            assemble(row, vocabulary_size=20, labels=LABELS, knowledge={"icd": each}).eval()
            for each in (known, swapped)
        )
        batch = pad(some_notes(7))
        assert not torch.equal(first(*batch)["icd"], second(*batch)["icd"])
