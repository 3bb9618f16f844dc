"""Shares of few cases come with the interval they could as well have."""

import math

import pandas as pd
import pytest

from core.metrics.shares import wilson, with_interval


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Brown, Cai, DasGupta (Statistical Science 2001): for no hits of n it is 0 to z2/(n + z2)
        (0, 5, 0.0, 3.841459 / 8.841459),
        (5, 5, 5 / 8.841459, 1.0),
        (5, 10, 0.2366, 0.7634),  # as statsmodels' proportion_confint(5, 10, method="wilson")
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_without_a_case_there_is_neither_share_nor_interval() -> None:
    assert all(math.isnan(end) for end in wilson(0, 0))
    table = with_interval(pd.DataFrame({"h": [0, 1], "n": [0, 4]}), hits="h", of="n", share="s")
    assert table["s"].isna().tolist() == [True, False]
    assert table["s_low"].isna().tolist() == [True, False]
    assert table.loc[1, "s"] == 0.25
    assert table.loc[1, "s_low"] < 0.25 < table.loc[1, "s_high"]


def test_no_rows_are_no_error() -> None:
    nothing = pd.DataFrame({"h": [], "n": []})
    assert with_interval(nothing, hits="h", of="n", share="s").empty
