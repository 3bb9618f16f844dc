"""Agreement and stability against cases worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from core.errors import BadSettings
from core.metrics import jaccard, rank_correlation, stability, top_overlap
from core.types import Span

SCORES = np.array([0.1, 0.9, 0.5, 0.3])


def test_rank_correlation_sees_order_alone() -> None:
    assert rank_correlation(SCORES, SCORES**3) == pytest.approx(1)
    assert rank_correlation(SCORES, -SCORES) == pytest.approx(-1)


def test_rank_correlation_by_hand() -> None:
    """Ranks 1, 4, 3, 2 and 1, 3, 4, 2: squared distances 2; 1 - 6 * 2 / (4 * 15)."""
    assert rank_correlation(SCORES, np.array([0.0, 0.6, 0.7, 0.2])) == pytest.approx(0.8)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=20).filter(
        lambda pairs: all(len(set(side)) > 1 for side in zip(*pairs, strict=True))
    )
)
def test_rank_correlation_is_spearmans_with_ties(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    assert rank_correlation(one, other) == pytest.approx(float(spearmanr(one, other).statistic))


def test_scores_that_are_all_alike_have_no_order() -> None:
    assert rank_correlation(SCORES, np.zeros(4)) is None
    assert rank_correlation(np.ones(1), np.ones(1)) is None


def test_the_first_words_of_both() -> None:
    """First two: words 1, 2 and words 1, 0."""
    assert top_overlap(SCORES, np.array([0.8, 0.9, 0.0, 0.1]), 2) == 0.5
    assert top_overlap(SCORES, SCORES, 2) == 1
    assert top_overlap(SCORES, -SCORES, 9) == 1  # all four words


def test_spans_agree_by_characters() -> None:
    """0-9 and 5-14: five characters of fifteen."""
    assert jaccard([Span(0, 10)], [Span(5, 15)]) == pytest.approx(1 / 3)
    assert jaccard([Span(0, 5), Span(5, 10)], [Span(0, 10)]) == 1
    assert jaccard([Span(0, 5)], [Span(5, 10)]) == 0
    assert jaccard([Span(0, 5)], []) == 0
    assert jaccard([], []) == 1


def test_nothing_changed_is_stable() -> None:
    found = stability(SCORES, SCORES)
    assert (found.correlation, found.overlap, found.spill) == (pytest.approx(1), 1, 0)


def test_scores_on_added_words_are_spill() -> None:
    """Two words added behind, with 0.6 of 2.4."""
    found = stability(SCORES, np.array([*SCORES, 0.5, -0.1]))
    assert found.spill == pytest.approx(0.25)
    assert found.correlation == pytest.approx(1)


def test_words_may_be_added_in_front() -> None:
    found = stability(SCORES, np.array([0.0, *SCORES]), places=[1, 2, 3, 4])
    assert (found.correlation, found.spill) == (pytest.approx(1), 0)


def test_no_score_at_all_spills_nothing() -> None:
    assert stability(SCORES, np.zeros(6)).spill == 0


def test_words_that_are_gone_are_refused() -> None:
    with pytest.raises(BadSettings, match="cannot be found again among 3"):
        stability(SCORES, SCORES[:3])
    with pytest.raises(BadSettings, match="not of the same words"):
        top_overlap(SCORES, SCORES[:3])
