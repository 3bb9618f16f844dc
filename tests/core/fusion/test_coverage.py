"""Cuts that hold a share of a note's codes, and probabilities that mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fusion import Bin, calibration_error, cut, reliability


def synthetic(notes: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray], list[int]]:
    """Notes of 1 to 8 codes among 30 candidates; right ones are mostly, not always, likely."""
    draw = np.random.default_rng(seed)
    probabilities, gold, missed = [], [], []
    for _ in range(notes):
        right = np.zeros(30, dtype=bool)
        right[: draw.integers(1, 9)] = True
        probabilities.append(draw.beta(1 + 3 * right, 4 - 3 * right + 0.5))
        gold.append(right)
        missed.append(int(draw.random() < 0.05))
    return probabilities, gold, missed


def held(notes: tuple[list[np.ndarray], list[np.ndarray], list[int]], least: float) -> float:
    """The mean share of a note's codes at or above a cut."""
    shares = [(p[g] >= least).sum() / (g.sum() + m) for p, g, m in zip(*notes, strict=True)]
    return float(np.mean(shares))


@pytest.mark.parametrize("level", [0.7, 0.8, 0.9])
def test_the_level_holds_on_average_on_fresh_notes(level: float) -> None:
    found = []
    for draw in range(60):
        least = cut(*synthetic(60, seed=draw), level=level)
        assert least is not None
        found.append(held(synthetic(60, seed=1000 + draw), least))
    assert np.mean(found) >= level
    assert np.mean(found) <= level + 0.06  # and the lists are not needlessly long


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_no_higher_cut_would_do(level: float) -> None:
    notes = synthetic(50, seed=3)
    least = cut(*notes, level=level)
    assert least is not None
    higher = float(np.nextafter(least, 1))
    risk = (50 * (1 - held(notes, higher)) + 1) / 51
    assert risk > 1 - level
    assert (50 * (1 - held(notes, least)) + 1) / 51 <= 1 - level


def test_a_cut_by_hand() -> None:
    """9 notes of one code each at 0.1 ... 0.9: (9 - held + 1) / 10 <= 0.5 needs five of them."""
    probabilities = [np.array([n / 10]) for n in range(1, 10)]
    gold = [np.array([True])] * 9
    assert cut(probabilities, gold, [0] * 9, level=0.5) == pytest.approx(0.5)
    assert cut(probabilities, gold, [0] * 9, level=0.9) == pytest.approx(0.1)


def test_a_level_beyond_reach_has_no_cut() -> None:
    probabilities, gold = [np.array([0.9])] * 9, [np.array([True])] * 9
    assert cut(probabilities, gold, [0] * 9, level=0.95) is None  # too few notes to promise it
    assert cut(probabilities, gold, [1] * 9, level=0.6) is None  # half of the codes are unreached
    assert cut(probabilities, gold, [1] * 9, level=0.4) == pytest.approx(0.9)


def test_notes_without_codes_say_nothing() -> None:
    nothing = [np.array([0.4])], [np.array([False])], [0]
    assert cut(*nothing, level=0.5) is None
    assert cut([], [], [], level=0.5) is None


def test_a_thousand_notes_take_no_time_and_many_steps_are_all_tried() -> None:
    notes = synthetic(1000, seed=5)
    least = cut(*notes, level=0.85)
    assert least is not None
    assert (1000 * (1 - held(notes, float(np.nextafter(least, 1)))) + 1) / 1001 > 0.15


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([0.1, 0.1, 0.1, 0.1, 0.8, 0.8])
    right = np.array([True, False, False, False, True, True])
    bins = reliability(probabilities, right)
    assert bins == [
        Bin(count=4, said=pytest.approx(0.1), right=0.25),
        Bin(count=2, said=pytest.approx(0.8), right=1.0),
    ]
    assert calibration_error(bins) == pytest.approx((4 * 0.15 + 2 * 0.2) / 6)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_the_error_lies_between_nothing_and_one_and_every_suggestion_is_in_a_bin(
    said: list[tuple[float, bool]],
) -> None:
    probabilities = np.array([p for p, _ in said])
    bins = reliability(probabilities, np.array([r for _, r in said], dtype=bool))
    assert sum(each.count for each in bins) == len(said)
    assert 0 <= calibration_error(bins) <= 1


def test_who_says_how_often_they_are_right_has_no_error() -> None:
    bins = reliability(np.full(10, 0.3), np.arange(10) < 3)
    assert calibration_error(bins) == pytest.approx(0)
