"""Shares of counted cases with the interval they could as well have: few cases are no fact."""

import math

import numpy as np
import pandas as pd

FEW = 20  # fewer cases than this are marked: their share says little
Z = 1.959964  # two-sided 95 %


def with_interval(table: pd.DataFrame, *, hits: str, of: str, share: str) -> pd.DataFrame:
    """The table with `share`, `share_low` and `share_high`: hits / of and its Wilson interval.

    All three are NaN where there is no case. Wilson, J Am Stat Assoc 1927, with 95 %: unlike the
    usual interval it stays inside 0..1 and is honest for few cases.
    """
    cases = table[of].astype(float)
    found = np.array([wilson(h, n) for h, n in zip(table[hits], cases, strict=True)])
    low_high = found.reshape(len(table), 2)
    return table.assign(
        **{
            share: table[hits] / cases.where(cases > 0),
            f"{share}_low": low_high[:, 0],
            f"{share}_high": low_high[:, 1],
        }
    )


def wilson(hits: float, of: float) -> tuple[float, float]:
    """The 95 % Wilson interval of hits among `of` cases; NaN without a case."""
    if of <= 0:
        return math.nan, math.nan
    share, square = hits / of, Z * Z / of
    centre = (share + square / 2) / (1 + square)
    reach = Z * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(0.0, centre - reach), min(1.0, centre + reach)
