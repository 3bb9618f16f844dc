"""Whether what comes in has changed, from notes one can count by hand."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core.metrics import drift


def on(month: int, day: int = 1) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


def test_length_is_a_median_between_its_tenths() -> None:
    notes = pd.DataFrame(
        [(1, on(1), 100), (2, on(1, 20), 200), (3, on(1, 30), 300), (4, on(2), 50)],
        columns=["note", "created_at", "characters"],
    )
    found = drift.lengths(notes)
    assert found["notes"].tolist() == [3, 1]
    assert found["median"].tolist() == [200, 50]
    assert found.loc[0, ["p10", "p90"]].tolist() == [120, 280]


def test_unknown_words_are_a_share_of_all_words_of_a_period() -> None:
    notes = pd.DataFrame(
        [(1, on(1), 10, 1), (2, on(1), 30, 3), (3, on(2), 4, 4)],
        columns=["note", "created_at", "words", "unknown"],
    )
    found = drift.unknown_words(notes)
    assert found["share"].tolist() == [0.1, 1.0]
    assert found.loc[0, "share_low"] < 0.1 < found.loc[0, "share_high"]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ([1, 1], [5, 5], 0.0),
        ([3, 0], [0, 7], 1.0),
        # p = (1, 0), q = (1/2, 1/2), the middle (3/4, 1/4):
        # JSD = (log2(4/3) + (log2(2/3) + log2(2)) / 2) / 2 = 0.31128
        ([1, 0], [1, 1], 0.31128**0.5),
    ],
)
def test_jensen_shannon_is_0_for_the_same_mix_and_1_for_nothing_in_common(
    one: list[int], other: list[int], distance: float
) -> None:
    found = drift.jensen_shannon(np.array(one, float), np.array(other, float))
    assert found == pytest.approx(distance, abs=1e-4)
    assert np.isnan(drift.jensen_shannon(np.zeros(2), np.ones(2)))


def test_a_change_of_words_stands_out_from_chance_and_no_change_does_not() -> None:
    lot = np.random.default_rng(0)
    old, new = ["fever", "cough", "pain"], ["covid", "vaccine", "pain"]
    words = [[*lot.choice(old, 20)] for _ in range(60)] + [
        [*lot.choice(new, 20)] for _ in range(30)
    ]
    when = pd.Series([on(1)] * 30 + [on(2)] * 30 + [on(3)] * 30)
    found = drift.distances(words, when)
    assert found.loc[0, "distance"] == 0
    assert np.isnan(found.loc[0, "by_chance"]), "the first period has nothing to differ from"
    assert found.loc[2, "distance"] > 3 * found.loc[2, "by_chance"]
    assert found.loc[1, "distance"] < 1.5 * found.loc[1, "by_chance"]


def test_the_mix_of_codes_is_a_share_of_each_period() -> None:
    finals = pd.DataFrame(
        [("I10", "Circulation", on(1)), ("I50.9", "Circulation", on(1)), ("R05", "Symptoms", on(1)),
         ("R05", "Symptoms", on(2))],
        columns=["code", "chapter", "shown_at"],
    )  # fmt: skip
    found = drift.mix(finals)
    assert list(zip(found["chapter"], found["codes"], found["of"], strict=True)) == [
        ("Circulation", 2, 3),
        ("Symptoms", 1, 3),
        ("Symptoms", 1, 1),
    ]
    assert found["share"].tolist() == [pytest.approx(2 / 3), pytest.approx(1 / 3), 1.0]


def test_no_notes_are_no_error() -> None:
    columns = ["note", "created_at", "characters", "words", "unknown"]
    nothing = pd.DataFrame([], columns=columns)
    assert drift.lengths(nothing).empty
    assert drift.unknown_words(nothing).empty
    assert drift.distances([], nothing["created_at"]).empty
