"""What a lead wants to know of coding at work: throughput, time, overturned decisions, the model.

Pure functions over frames (pandas), one row for each fact; `ui.services.insights` makes the frames.

    charts       note, coder, finished_at, minutes, codes
    decided      note, code, coder, checkpoint, suggested, given, overturned
    suggested    note, code, checkpoint, shown_at, probability, likely, right
    finals       note, code, checkpoint, shown_at    (the codes that hold; shown_at of the list)

Times are aware; a period is a pandas alias (`D`, `W`, `MS`). Shares without a case are NaN.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd

IDLE = timedelta(minutes=15)  # a longer pause is no work on the chart


def active_minutes(times: Iterable[datetime], *, idle: timedelta = IDLE) -> float:
    """Minutes of work between the first and the last sign of life, pauses left out."""
    gaps = [after - before for before, after in pairwise(sorted(times))]
    return sum((gap for gap in gaps if gap <= idle), timedelta()) / timedelta(minutes=1)


def throughput(charts: pd.DataFrame, *, period: str = "D") -> pd.DataFrame:
    """period, coder, charts, codes: what was finished, by who finished it."""
    finished = charts.assign(period=_periods(charts["finished_at"], period))
    counted = finished.groupby(["period", "coder"], as_index=False)
    return counted.agg(charts=("note", "count"), codes=("codes", "sum"))


def time_per_chart(charts: pd.DataFrame) -> pd.DataFrame:
    """coder, charts, median, p90: minutes of work on a chart."""
    minutes = charts.groupby("coder")["minutes"]
    found = pd.DataFrame(
        {"charts": minutes.count(), "median": minutes.median(), "p90": minutes.quantile(0.9)}
    )
    return found.reset_index()


def rates(decided: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """by, decided, accepted, acceptance, overturned, overturn; `by` is code, coder or checkpoint.

    Acceptance is the share of decided suggestions that were accepted. Overturn is the share of all
    decisions, added codes too, that did not hold in the end.
    """
    counted = decided.assign(accepted=decided["suggested"] & decided["given"]).groupby(by)
    found = counted.agg(
        decided=("given", "size"),
        suggestions=("suggested", "sum"),
        accepted=("accepted", "sum"),
        overturned=("overturned", "sum"),
    )
    found["acceptance"] = found["accepted"] / found.pop("suggestions").where(lambda n: n > 0)
    found["overturn"] = found["overturned"] / found["decided"]
    return found.reset_index()


def model_over_time(
    suggested: pd.DataFrame, finals: pd.DataFrame, *, period: str = "MS"
) -> pd.DataFrame:
    """period, checkpoint, listed, precision, recall, brier: the lists against the final codes.

    Precision is of likely suggestions; recall is of the final codes, those no list held too; brier
    is the mean squared distance of a probability from what turned out.
    """
    keys = ["period", "checkpoint"]
    shown = suggested.assign(
        period=_periods(suggested["shown_at"], period),
        hit=suggested["likely"] & suggested["right"],
        square=(suggested["probability"] - suggested["right"].astype(float)) ** 2,
    ).groupby(keys)
    coded = finals.assign(period=_periods(finals["shown_at"], period)).groupby(keys).size()
    found = shown.agg(
        listed=("code", "size"),
        likely=("likely", "sum"),
        hit=("hit", "sum"),
        brier=("square", "mean"),
    )
    found["precision"] = found["hit"] / found.pop("likely").where(lambda n: n > 0)
    found["recall"] = found.pop("hit") / coded.reindex(found.index)
    return found.reset_index()[[*keys, "listed", "precision", "recall", "brier"]]


def calibration(suggested: pd.DataFrame, *, bins: int = 10) -> pd.DataFrame:
    """bin, suggestions, expected, observed: mean probability beside the share that was right."""
    place = (suggested["probability"] * bins).astype(int).clip(upper=bins - 1)
    counted = suggested.assign(bin=place / bins).groupby("bin", as_index=False)
    return counted.agg(
        suggestions=("code", "size"), expected=("probability", "mean"), observed=("right", "mean")
    )


def calibration_error(suggested: pd.DataFrame, *, bins: int = 10) -> float:
    """Expected calibration error: the bins' |expected - observed|, weighted by their size."""
    found = calibration(suggested, bins=bins)
    gaps = (found["expected"] - found["observed"]).abs()
    return float((gaps * found["suggestions"]).sum() / found["suggestions"].sum())


def frame(rows: Iterable[object], columns: Sequence[str]) -> pd.DataFrame:
    """A frame of records by their attributes; with its columns even where there are no rows."""
    return pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=[*columns])


def _periods(times: pd.Series, period: str) -> pd.Series:
    stamps = pd.to_datetime(times, utc=True)
    if stamps.empty:
        return stamps
    if period == "MS":
        return stamps.dt.normalize() - pd.to_timedelta(stamps.dt.day - 1, unit="D")
    if period == "W":
        return stamps.dt.normalize() - pd.to_timedelta(stamps.dt.day_of_week, unit="D")
    return stamps.dt.floor(period)
