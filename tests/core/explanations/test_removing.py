"""Occlusion and KernelSHAP, worked out by hand, and shared out over words and sentences."""

from dataclasses import replace
from math import log

import pytest
import torch

from core.explanations import Reading, explain, removing
from core.explanations.parts import parts, sentences
from core.text import Encoded
from tests.models import some_notes, tiny_model
from tests.readings import bag_of_words, reading_of


def by_hand() -> Reading:
    """Words 1 and 2 with q = ln 2, w = 3. Logits: both 5, the first alone 2, the second 4.8."""
    model = bag_of_words(
        torch.tensor([[0.0], [1.0], [2.0]]),
        query_LE=torch.tensor([[log(2)], [0.0]]),
        weight_LE=torch.tensor([[3.0], [1.0]]),
    )
    return reading_of(model, [1, 2])


def scores(reading: Reading, method: str, code: int = 0) -> list[float]:
    (found,) = explain(reading, task="icd", codes=[code], method=method)
    return [float(score) for score in found.scores_T]


def test_occlusion_by_hand() -> None:
    assert scores(by_hand(), "occlusion") == pytest.approx([5 - 4.8, 5 - 2])


def test_shapley_values_by_hand() -> None:
    # a word's gain alone and after the other one, averaged
    expected = [(2 + 0.2) / 2, (4.8 + 3) / 2]
    assert scores(by_hand(), "kernel_shap") == pytest.approx(expected)


@pytest.mark.parametrize("method", ["occlusion_sentences", "kernel_shap_sentences"])
def test_the_loss_of_a_sentence_falls_evenly_on_its_words(method: str) -> None:
    assert scores(by_hand(), method) == pytest.approx([2.5, 2.5])


def test_exact_shapley_values_are_the_mean_over_all_orders() -> None:
    """Three words of a nonlinear code: 3! orders, each word's gain when it comes."""
    from itertools import permutations

    from core.explanations.reading import Question

    reading = reading_of(tiny_model("evicode").eval(), some_notes(3)[0])
    question = Question(reading=reading, task="icd", codes=[1])
    words_BTE, empty_BTE = question.words(), question.empty()

    def logit(kept: set[int]) -> float:
        kept_T1 = torch.tensor([[float(word in kept)] for word in range(3)])
        with torch.no_grad():
            found = question.logits(empty_BTE + kept_T1 * (words_BTE - empty_BTE))
        return float(found)

    orders = list(permutations(range(3)))
    expected = [0.0] * 3
    for order in orders:
        for place, word in enumerate(order):
            gain = logit(set(order[: place + 1])) - logit(set(order[:place]))
            expected[word] += gain / len(orders)
    (found,) = explain(reading, task="icd", codes=[1], method="kernel_shap")
    assert found.scores_T.tolist() == pytest.approx(expected, abs=1e-5)


def test_drawn_sets_come_close_to_the_exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = reading_of(tiny_model("evicode").eval(), some_notes(8)[0])
    exact = torch.tensor(scores(reading, "kernel_shap"))
    monkeypatch.setattr(removing, "PASSES", 128)  # fewer than the 254 sets there are
    drawn = torch.tensor(scores(reading, "kernel_shap"))
    assert not torch.equal(drawn, exact)
    assert drawn.sum().item() == pytest.approx(exact.sum().item(), abs=1e-5)
    assert (drawn - exact).abs().max() < 0.2 * exact.abs().max()


@pytest.mark.parametrize("method", ["occlusion", "kernel_shap"])
def test_a_long_note_takes_no_more_passes(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "PASSES", 16)
    model = tiny_model("evicode").eval()
    variants = []
    read = model.read_embedded

    def counted(
        tokens_BTE: torch.Tensor, mask_BT: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        variants.append(len(tokens_BTE))
        return read(tokens_BTE, mask_BT)

    monkeypatch.setattr(model, "read_embedded", counted)
    reading = reading_of(model, some_notes(90)[0])
    variants.clear()
    (found,) = explain(reading, task="icd", codes=[0], method=method)
    assert sum(variants) <= 16 + 2
    assert len(set(found.scores_T.tolist())) > 1


def test_subwords_of_a_word_go_together() -> None:
    encoded = Encoded(ids=(5, 6, 7), spans=((0, 2), (2, 4), (5, 7)), truncated_at=None)
    reading = replace(
        reading_of(tiny_model("evicode").eval(), [5, 6, 7]),
        text="word no",
        encoded=replace(encoded, words=(0, 0, 1)),
    )
    assert parts(reading, "word", most=9).tolist() == [0, 0, 1]
    found = scores(reading, "occlusion")
    assert found[0] == found[1] != found[2]


def test_sentences_end_where_the_note_says_so() -> None:
    text = "Dr. Gómez saw him. Fever; no cough\n\nPlan: rest"
    starts = [text.index(word) for word in ("Dr", "Gómez", "him", "Fever", "cough", "Plan")]
    found = sentences(text, [(start, start + 2) for start in starts])
    assert len({*found[:3]}) == len({*found[3:5]}) == 1
    assert len(set(found)) == 3
