"""Plausibility against cases worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from core.errors import BadSettings
from core.metrics import Marked, average_precision, cross_tuned, plausibility
from core.metrics.plausibility import runs, tuned


def marked(scores: list[float], gold: str) -> Marked:
    """`gold` has an x for every word that is marked."""
    return Marked(
        scores_T=np.array(scores, dtype=np.float32),
        gold_T=np.array([letter == "x" for letter in gold]),
    )


TWO = [  # first: said 0, 1, 4; second: said nothing
    marked([0.9, 0.8, 0.1, 0.2, 1.0, 0.0], "xx.x.."),
    marked([0.1, 0.2, 0.3], "x.."),
]


def test_words_of_all_codes_are_counted_together() -> None:
    """Said 0, 1 and 4 where 0, 1, 3 and (in the second) 0 are marked: 2 of 3, and 2 of 4."""
    found = plausibility(TWO, [0.5, 0.5])
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 0.5)
    assert found.f1 == pytest.approx(4 / 7)


def test_spans_are_found_when_half_of_their_union_is_shared() -> None:
    """Said 0-1 and 4; marked 0-1, 3, and 0 in the second: 1 of 2, and 1 of 3."""
    found = plausibility(TWO, [0.5, 0.5])
    assert (found.span_precision, found.span_recall) == (0.5, pytest.approx(1 / 3))
    assert found.span_f1 == pytest.approx(0.4)


@pytest.mark.parametrize(("said", "found"), [("xx..", 1), ("x...", 1), ("xxx.", 1), ("..xx", 0)])
def test_half_a_span_is_found_and_its_neighbour_is_not(said: str, found: int) -> None:
    scores = [float(letter == "x") for letter in said]
    assert plausibility([marked(scores, "xx..")], [0.5]).span_f1 == found


def test_less_than_half_a_span_is_not_found() -> None:
    assert plausibility([marked([1, 0, 0, 0], "xxx.")], [0.5]).span_f1 == 0


def test_evidence_is_empty_where_no_word_reaches_the_threshold() -> None:
    assert plausibility(TWO, [0.5, 0.5]).empty == 0.5
    assert plausibility(TWO, [0.5, 0.3]).empty == 0
    assert plausibility(TWO, [2.0, 2.0]).empty == 1


def test_average_precision_by_hand() -> None:
    """Gold at ranks 1 and 3 of 4: half the recall at precision 1, half at 2/3."""
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    gold = np.array([True, False, True, False])
    assert average_precision(scores, gold) == pytest.approx((1 + 2 / 3) / 2)


def test_equal_scores_give_the_share_of_gold_in_any_order() -> None:
    assert average_precision(np.zeros(4), np.array([True, False, False, False])) == 0.25
    assert average_precision(np.zeros(4), np.array([False, False, False, True])) == 0.25


def test_without_gold_there_is_no_average_precision() -> None:
    assert average_precision(np.ones(3), np.zeros(3, dtype=bool)) is None


def test_the_pooled_figure_needs_one_scale_and_the_mean_does_not() -> None:
    """Each code ranks its own word first; the second's scale is a tenth of the first's."""
    found = plausibility([marked([1.0, 0.5], "x."), marked([0.1, 0.05], "x.")], [0.5, 0.05])
    assert found.mean_auprc == 1
    assert found.auprc == pytest.approx(0.5 + 0.5 * 2 / 3)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=30))
def test_average_precision_is_that_of_scikit_learn(words: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in words], dtype=float)
    gold = np.array([yes for _, yes in words])
    expected = average_precision_score(gold, scores) if gold.any() else None
    assert average_precision(scores, gold) == pytest.approx(expected)


def test_a_threshold_is_tuned_on_the_other_fold_alone() -> None:
    """Fold 0 parts at 0.9, fold 1 at 0.2: each is judged by the other's."""
    codes = [marked([0.9, 0.1], "x."), marked([0.2, 0.1], "x."), marked([0.9, 0.3], "x.")]
    assert cross_tuned(codes, [0, 1, 0]) == pytest.approx([0.2, 0.9, 0.2])


def test_the_threshold_does_not_depend_on_the_codes_it_judges() -> None:
    others = [marked([0.9, 0.1], "x.")]
    for judged in ([0.1, 0.9], [0.3, 0.2]):
        assert cross_tuned([*others, marked(judged, "x.")], [0, 1])[1] == pytest.approx(0.9)


def test_a_tuned_threshold_is_best() -> None:
    best = plausibility(TWO, [tuned(TWO)] * 2).f1
    assert best == max(plausibility(TWO, [cut] * 2).f1 for cut in np.linspace(0, 1, 101))


def test_perfect_scores_are_perfect_in_every_figure() -> None:
    found = plausibility([marked([1, 1, 0, 1], "xx.x")] * 2, [0.5, 0.5]).to_json()
    assert found.pop("empty") == 0
    assert found.pop("codes") == 2
    assert set(found.values()) == {1.0}


def test_no_codes_give_no_figures() -> None:
    assert set(plausibility([], []).to_json().values()) == {0}


def test_runs_are_the_longest_stretches() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, dtype=bool)) == []


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(BadSettings, match="2 scores for 3 words"):
        marked([0.1, 0.2], "x..")
    with pytest.raises(BadSettings, match="not a finite number"):
        marked([float("nan")], "x")
    with pytest.raises(BadSettings, match="no word is marked"):
        marked([0.1], ".")
    with pytest.raises(BadSettings, match="at least two folds"):
        cross_tuned(TWO, [1, 1])
