"""Metrics against numbers worked by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from core.metrics import best_threshold, evaluate

SCORES = np.array([[0.9, 0.8, 0.1], [0.2, 0.7, 0.6]], dtype=np.float32)
GOLD = np.array([[1, 0, 1], [0, 1, 0]], dtype=np.float32)


def test_figures_worked_by_hand() -> None:
    found = evaluate(SCORES, GOLD, threshold=0.5, at=(1, 2))
    assert found.micro_precision == pytest.approx(2 / 4)
    assert found.micro_recall == pytest.approx(2 / 3)
    assert found.micro_f1 == pytest.approx(4 / 7)
    assert found.precision_at == {"P@1": 1.0, "P@2": 0.5}
    # note 1: gold at ranks 1 and 3; note 2: at rank 1
    assert found.mean_average_precision == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    # precision of the codes 1, 1/2, 0; recall 1, 1, 0
    assert found.macro_f1 == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))


def test_gold_codes_outside_the_label_space_count_as_misses() -> None:
    missed = np.array([1, 0])
    found = evaluate(SCORES, GOLD, threshold=0.5, missed_N=missed)
    assert (found.gold, found.missed) == (4, 1)
    assert found.micro_recall == pytest.approx(2 / 4)
    assert found.mean_average_precision == pytest.approx(((1 + 2 / 3) / 3 + 1) / 2)
    assert found.micro_precision == pytest.approx(2 / 4)


def test_a_list_shorter_than_k_is_still_divided_by_k() -> None:
    assert evaluate(SCORES, GOLD, threshold=0.5, at=(6,)).precision_at == {"P@6": 1.5 / 6}


def test_undefined_figures_are_none_and_never_nan() -> None:
    found = evaluate(SCORES, np.zeros_like(GOLD), threshold=0.5)
    assert (found.macro_auc, found.micro_auc, found.mean_average_precision) == (None, None, None)
    assert (found.micro_f1, found.macro_f1) == (0.0, 0.0)


def test_no_notes_at_all_is_no_error() -> None:
    empty = np.zeros((0, 3), dtype=np.float32)
    found = evaluate(empty, empty, threshold=0.5)
    assert (found.notes, found.precision_at["P@5"]) == (0, None)


@given(st.integers(0, 10_000))
def test_scikit_learn_agrees(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, 9, (12, 5)).astype(np.float32) / 8  # ties on purpose
    gold = (random.random((12, 5)) < 0.4).astype(np.float32)
    gold[0], gold[1] = 0, 1
    found = evaluate(scores, gold, threshold=0.5)
    assert found.micro_auc == pytest.approx(roc_auc_score(gold.ravel(), scores.ravel()))
    assert found.macro_auc == pytest.approx(roc_auc_score(gold, scores, average="macro"))
    assert found.micro_f1 == pytest.approx(f1_score(gold, scores >= 0.5, average="micro"))


def test_scikit_learn_agrees_on_average_precision_without_ties() -> None:
    random = np.random.default_rng(4)
    scores = random.random((30, 7)).astype(np.float32)
    gold = (random.random((30, 7)) < 0.3).astype(np.float32)
    coded = gold.any(axis=1)
    expected = average_precision_score(gold[coded], scores[coded], average="samples")
    found = evaluate(scores, gold, threshold=0.5).mean_average_precision
    assert found == pytest.approx(expected)


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_no_threshold_gives_a_higher_micro_f1(seed: int, outside: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(1, 9, (6, 4)).astype(np.float32) / 8
    gold = (random.random((6, 4)) < 0.4).astype(np.float32)
    gold[0, 0] = 1
    missed = np.array([outside, 0, 0, 0, 0, 0])
    best = best_threshold(scores, gold, missed)
    reached = evaluate(scores, gold, threshold=best, missed_N=missed).micro_f1
    for other in np.unique(scores):
        assert evaluate(scores, gold, threshold=other, missed_N=missed).micro_f1 <= reached + 1e-9


def test_a_threshold_without_any_gold_is_a_half() -> None:
    assert best_threshold(SCORES, np.zeros_like(GOLD)) == 0.5
