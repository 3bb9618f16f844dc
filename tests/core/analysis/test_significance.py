"""The binomial test of MARN eq. 18, on cases one can check by hand."""

import time
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from core.analysis.significance import longest_distance, significance, threshold
from core.types import Code, CodeSystem

A, B, C, D = (Code(CodeSystem.CCS, code) for code in "1234")


@pytest.mark.parametrize(
    ("n", "p", "least", "tail"),
    [
        (0, 0.5, 0, 0.0),  # nothing in the circle: P(k > 0) = 0
        (1, 0.05, 0, 0.05),
        (1, 0.1, 1, 0.0),  # P(k > 0) = 0.1 is not below 0.1
        (1, 0.5, 1, 0.0),
        (2, 0.25, 1, 1 / 16),  # P(k > 0) = 7/16
        (4, 0.5, 3, 1 / 16),  # P(k > 2) = 5/16
        (10, 0.5, 7, 56 / 1024),  # P(k > 6) = 176/1024
        (3, 0.0, 0, 0.0),
        (3, 1.0, 3, 0.0),
    ],
)
def test_the_threshold_is_the_smallest_number_rarely_exceeded(
    n: int, p: float, least: int, tail: float
) -> None:
    found, probability = threshold(n, p)
    assert found == least
    assert probability == pytest.approx(tail)


@given(n=st.integers(0, 40), own=st.integers(0, 30), others=st.integers(1, 30))
def test_the_threshold_agrees_with_exact_fractions(n: int, own: int, others: int) -> None:
    p = Fraction(own, own + others)
    exceeded = [
        sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(t + 1, n + 1))
        for t in range(n + 1)
    ]
    exact = next(t for t, chance in enumerate(exceeded) if chance < Fraction(1, 10))
    assert threshold(n, float(p))[0] == exact


def test_a_worked_example_of_the_whole_test() -> None:
    # two codes of A lie near (0, 0), eight of B elsewhere; the longest distance is 10, so r = 1
    icd_L2 = np.array([(0, 0), (0.5, 0), (10, 0), *((5, y) for y in range(-3, 4))], dtype=float)
    categories = [A, A, *[B] * 8]
    ccs_L2 = np.array([(0, 0.5), (10, 0), (5, 0), (-1, 0)], dtype=float)
    table = significance(icd_L2, ccs_L2, categories, [A, B, C, D])
    assert table["own"].tolist() == [2, 8, 0, 0]
    assert table["share"].tolist() == [0.2, 0.8, 0.0, 0.0]
    assert table["in_circle"].tolist() == [2, 1, 3, 1]  # D: its edge goes through (0, 0)
    assert table["own_in_circle"].tolist() == [2, 1, 0, 0]
    # A: P(k > 0) = 0.36, P(k > 1) = 0.04. B: P(k > 0) = 0.8, so only more than 1 of 1 would do
    assert table["threshold"].tolist() == [1, 1, 0, 0]
    assert table["tail"].tolist() == pytest.approx([0.04, 0, 0, 0])
    assert table["significant"].tolist() == [True, False, False, False]


def test_icd_codes_without_a_ranked_category_count_among_all() -> None:
    icd_L2 = np.array([(0, 0), (10, 0), (0, 0.1), (0, 0.2)], dtype=float)
    table = significance(icd_L2, np.zeros((1, 2)), [A, None, None, D], [A])
    line = table.iloc[0]
    assert (line["share"], line["in_circle"], line["own_in_circle"]) == (0.25, 3, 1)


@pytest.mark.parametrize(
    ("points", "longest"),
    [
        ([(0, 0), (3, 0), (3, 4), (0, 4)], 5),
        ([(1, 1), (2, 2), (4, 4), (3, 3)], 3 * 2**0.5),  # all on one line
        ([(7, -2), (7, 9), (7, 0)], 11),
        ([(0, 0), (3, 4)], 5),
        ([(2, 2)], 0),
        ([(2, 2), (2, 2), (2, 2), (2, 2)], 0),
    ],
)
def test_the_longest_distance_of_shapes_one_knows(
    points: list[tuple[float, float]], longest: float
) -> None:
    assert longest_distance(np.array(points, dtype=float)) == pytest.approx(longest)


@given(
    st.lists(st.tuples(*[st.floats(-100, 100, allow_subnormal=False)] * 2), min_size=2, max_size=30)
)
def test_the_longest_distance_is_that_of_all_pairs(points: list[tuple[float, float]]) -> None:
    points_L2 = np.array(points)
    exact = float(pdist(points_L2).max())
    assert longest_distance(points_L2) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_the_full_label_spaces_of_mimic_take_little_time() -> None:
    generator = np.random.default_rng(0)
    codes = [Code(CodeSystem.CCS, str(place)) for place in range(295)]
    categories = [codes[place] for place in generator.integers(0, 295, 8921)]
    start = time.process_time()
    table = significance(
        generator.normal(size=(8921, 2)), generator.normal(size=(295, 2)), categories, codes
    )
    assert time.process_time() - start < 3
    assert len(table) == 295
    assert table["own"].sum() == 8921
