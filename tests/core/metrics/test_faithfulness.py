"""Faithfulness against cases worked by hand: models whose words are worth a known amount."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import BadSettings
from core.metrics import (
    Faithfulness,
    Probabilities,
    at_random,
    comprehensiveness,
    faithfulness,
    perturbation,
    sufficiency,
)
from core.metrics.faithfulness import area

WORTH = np.array([0.0, 0.6, 0.0, 0.2])  # of each word of the note; together 0.8
RIGHT = np.array([0.1, 0.9, 0.0, 0.5])  # ranks the words 1, 3, 0, 2
WRONG = -RIGHT


def model(kept_KT: NDArray[np.bool_]) -> NDArray[np.float64]:
    return kept_KT @ WORTH


def test_comprehensiveness_is_what_is_lost_without_the_evidence() -> None:
    assert comprehensiveness(model, np.array([False, True, True, False])) == pytest.approx(0.6)


def test_sufficiency_is_what_is_lost_with_nothing_but_the_evidence() -> None:
    assert sufficiency(model, np.array([False, True, True, False])) == pytest.approx(0.2)


def test_no_evidence_loses_nothing_and_suffices_for_nothing() -> None:
    none = np.zeros(4, dtype=bool)
    assert comprehensiveness(model, none) == 0
    assert sufficiency(model, none) == pytest.approx(0.8)


def test_the_curves_remove_the_most_and_then_the_least_important_words_first() -> None:
    found = perturbation(model, RIGHT, (0, 1, 2, 4))
    assert found.whole == pytest.approx(0.8)
    assert found.without_K == pytest.approx([0.8, 0.2, 0.0, 0.0])
    assert found.only_K == pytest.approx([0.0, 0.6, 0.8, 0.8])


def test_the_areas_by_hand() -> None:
    """Lost: 0, 3/4, 1, 1 at 0, 1, 2, 4 words; missing: 1, 1/4, 0, 0. Trapezoids over 4."""
    found = faithfulness(perturbation(model, RIGHT, (0, 1, 2, 4)))
    assert found.comprehensiveness == pytest.approx((0.375 + 0.875 + 2) / 4)
    assert found.sufficiency == pytest.approx((0.625 + 0.125) / 4)


def test_the_right_order_beats_the_wrong_one_in_both() -> None:
    right, wrong = (faithfulness(perturbation(model, scores)) for scores in (RIGHT, WRONG))
    assert right.comprehensiveness > wrong.comprehensiveness
    assert right.sufficiency < wrong.sufficiency


def test_a_gain_is_no_loss_for_sufficiency_and_counts_against_comprehensiveness() -> None:
    """The first word speaks against the code: without it, it is more probable."""
    contrary = np.array([-0.4, 0.8])

    def against(kept_KT: NDArray[np.bool_]) -> NDArray[np.float64]:
        return kept_KT @ contrary

    found = faithfulness(perturbation(against, np.array([0.0, 1.0]), (0, 1, 2)))
    assert found.sufficiency == pytest.approx(0.25)  # 1, then 0 (gained), then 0
    gained = faithfulness(perturbation(against, np.array([1.0, 0.0]), (0, 1, 2)))
    assert gained.comprehensiveness == pytest.approx((-0.5 + 0) / 2)  # 0, -1, 1


def test_figures_are_relative_to_the_whole_notes_probability() -> None:
    def tenth(kept_KT: NDArray[np.bool_]) -> NDArray[np.float64]:
        return model(kept_KT) / 10

    whole, small = (faithfulness(perturbation(each, RIGHT)) for each in (model, tenth))
    assert whole.comprehensiveness == pytest.approx(small.comprehensiveness)
    assert whole.sufficiency == pytest.approx(small.sufficiency)


def test_all_texts_of_a_code_are_asked_for_at_once() -> None:
    asked = []

    def counting(kept_KT: NDArray[np.bool_]) -> NDArray[np.float64]:
        asked.append(len(kept_KT))
        return model(kept_KT)

    perturbation(counting, RIGHT, (0, 1, 2))
    assert asked == [6]


def test_sizes_end_with_the_note() -> None:
    assert perturbation(model, RIGHT, (0, 2, 50, 100)).sizes == (0, 2, 4)


def test_equal_scores_go_in_note_order() -> None:
    found = perturbation(model, np.zeros(4), (0, 1, 2))
    assert found.only_K == pytest.approx([0.0, 0.0, 0.6])


def test_random_order_is_the_mean_over_all_orders() -> None:
    """Worth is spread evenly on average: k of 4 words carry k/4 of it."""
    found = at_random(model, 4, draws=2000, seed=1, sizes=(0, 1, 2, 3, 4))
    assert found.comprehensiveness == pytest.approx(0.5, abs=0.02)
    assert found.sufficiency == pytest.approx(0.5, abs=0.02)


def test_a_seed_fixes_the_random_orders() -> None:
    def drawn(seed: int) -> Faithfulness:
        return at_random(model, 4, draws=2, seed=seed)

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)


def test_the_area_under_uneven_steps_is_that_of_straight_lines() -> None:
    assert area((0, 1, 2, 10), np.array([0.0, 0.1, 0.2, 1.0])) == pytest.approx(0.5)
    assert area((0,), np.array([0.3])) == pytest.approx(0.3)


def test_what_has_no_answer_is_refused() -> None:
    nothing: Probabilities = lambda kept_KT: np.zeros(len(kept_KT))  # noqa: E731
    with pytest.raises(BadSettings, match="a probability of 0"):
        faithfulness(perturbation(nothing, RIGHT))
    for sizes in ((), (1, 2), (0, 2, 2)):
        with pytest.raises(BadSettings, match="rise from 0"):
            perturbation(model, RIGHT, sizes)
