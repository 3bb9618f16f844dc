"""Gradient methods, against Captum on every row and against a case worked out by hand."""

from math import log

import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients
from torch import Tensor

from core.explanations import Reading, explain, gradients
from core.explanations.gradients import POINTS_AT_ONCE, STEPS
from core.explanations.reading import Question
from core.systems import SYSTEMS
from tests.models import some_notes, tiny_model
from tests.readings import bag_of_words, reading_of

ROWS = pytest.mark.parametrize("row", sorted(SYSTEMS))


def by_hand() -> Reading:
    """Words 1 and 2 with q = ln 2, w = 3: attention 1/3 and 2/3, logit 1/3 * 3 + 2/3 * 6 = 5."""
    model = bag_of_words(
        torch.tensor([[0.0], [1.0], [2.0]]),
        query_LE=torch.tensor([[log(2)], [0.0]]),
        weight_LE=torch.tensor([[3.0], [1.0]]),
    )
    return reading_of(model, [1, 2])


def scores(reading: Reading, method: str, code: int = 0) -> Tensor:
    (found,) = explain(reading, task="icd", codes=[code], method=method)
    return found.scores_T


def test_input_times_gradient_by_hand() -> None:
    # |x a (w + q (w x - logit))| for each word
    expected = [1 / 3 * (3 - 2 * log(2)), 2 * 2 / 3 * (3 + log(2))]
    assert scores(by_hand(), "input_x_gradient").tolist() == pytest.approx(expected)


def test_attention_times_gradient_by_hand() -> None:
    weighed = [1 / 3 * 1 / 3 * (3 - 2 * log(2)), 2 / 3 * 2 * 2 / 3 * (3 + log(2))]
    expected = [each / sum(weighed) for each in weighed]
    assert scores(by_hand(), "attention_x_gradient").tolist() == pytest.approx(expected)


def test_attention_times_gradient_takes_the_length_of_the_product_vector() -> None:
    model = bag_of_words(
        torch.tensor([[0.0, 0.0], [3.0, 4.0], [-6.0, 8.0]]),
        query_LE=torch.zeros(1, 2),
        weight_LE=torch.ones(1, 2),
    )  # attention 1/2, gradient (1/2, 1/2): products (1.5, 2) and (-3, 4), as long as 2.5 and 5
    reading = reading_of(model, [1, 2])
    assert scores(reading, "attention_x_gradient").tolist() == pytest.approx([1 / 3, 2 / 3])
    assert scores(reading, "input_x_gradient").tolist() == pytest.approx([2.5, 5.0])


def test_words_that_move_nothing_have_no_scores_rather_than_none_at_all() -> None:
    model = bag_of_words(torch.ones(3, 1), query_LE=torch.zeros(1, 1), weight_LE=torch.zeros(1, 1))
    assert scores(reading_of(model, [1, 2]), "attention_x_gradient").tolist() == [0, 0]


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap"])
def test_paths_through_a_linear_model_leave_no_delta(method: str) -> None:
    (found,) = explain(by_hand(), task="icd", codes=[1], method=method)  # q = 0: the mean word
    assert found.delta == pytest.approx(0, abs=1e-5)


def test_integrated_gradients_of_a_linear_model_are_what_each_word_adds() -> None:
    assert scores(by_hand(), "integrated_gradients", code=1).tolist() == pytest.approx([0.5, 1])


@ROWS
def test_input_times_gradient_is_captums(row: str) -> None:
    reading = reading_of(tiny_model(row).eval(), some_notes(6)[0])
    question = Question(reading=reading, task="icd", codes=[3, 1])
    captum = InputXGradient(question.logits)
    for position, found in enumerate(
        explain(reading, task="icd", codes=[3, 1], method="input_x_gradient")
    ):
        expected_BTE = captum.attribute(question.words(), target=position)
        torch.testing.assert_close(found.scores_T, expected_BTE[0].norm(dim=1).detach())


@ROWS
def test_integrated_gradients_over_shares_are_captums_over_word_vectors(row: str) -> None:
    reading = reading_of(tiny_model(row).eval(), some_notes(6)[0])
    question = Question(reading=reading, task="icd", codes=[3, 1])
    captum = IntegratedGradients(question.logits)
    for position, found in enumerate(
        explain(reading, task="icd", codes=[3, 1], method="integrated_gradients")
    ):
        expected_BTE, delta_B = captum.attribute(
            question.words(),
            baselines=question.empty(),
            target=position,
            n_steps=STEPS,
            internal_batch_size=POINTS_AT_ONCE,
            return_convergence_delta=True,
        )
        expected_T = expected_BTE[0].sum(dim=1).detach().float()
        torch.testing.assert_close(found.scores_T, expected_T, atol=1e-6, rtol=1e-4)
        assert found.delta == pytest.approx(delta_B.item(), abs=1e-5)


def test_gradient_shap_adds_up_to_the_change_from_other_notes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gradients, "SAMPLES", 512)
    reading = reading_of(tiny_model("evicode").eval(), some_notes(8)[0])
    (found,) = explain(reading, task="icd", codes=[0], method="gradient_shap")
    assert found.delta == pytest.approx(0, abs=0.04)
    assert found.scores_T.abs().max() > 0.04
