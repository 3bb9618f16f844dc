"""What a lead wants to know of coding at work: throughput, time, overturned decisions, the model.

Pure functions over frames (pandas), one row for each fact; `ui.services.insights` makes the frames.

    charts       note, coder, checkpoint, finished_at, minutes, codes
    decided      note, code, coder, checkpoint, suggested, given, overturned
    suggested    note, code, checkpoint, shown_at, probability, likely, right
    finals       note, code, chapter, checkpoint, shown_at    (codes that hold; of the list)

Times are aware; a period is a pandas alias (`D`, `W`, `MS`). Shares without a case are NaN;
beside each stand the ends of its interval (`core.metrics.shares`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd

from core.metrics.shares import with_interval

IDLE = timedelta(minutes=15)  # a longer pause is no work on the chart


def active_minutes(times: Iterable[datetime], *, idle: timedelta = IDLE) -> float:
    """Minutes of work between the first and the last sign of life, pauses left out."""
    gaps = [after - before for before, after in pairwise(sorted(times))]
    return sum((gap for gap in gaps if gap <= idle), timedelta()) / timedelta(minutes=1)


def throughput(
    charts: pd.DataFrame, *, period: str = "D", most: int | None = None, others: str = "others"
) -> pd.DataFrame:
    """period, coder, charts, codes: what was finished, by who finished it.

    With `most`, the coders with the most charts keep their names and the rest are `others`.
    """
    finished = charts.assign(period=periods(charts["finished_at"], period))
    if most is not None:
        named = charts["coder"].value_counts().index[:most]
        finished["coder"] = finished["coder"].where(finished["coder"].isin(named), others)
    counted = finished.groupby(["period", "coder"], as_index=False)
    return counted.agg(charts=("note", "count"), codes=("codes", "sum"))


def time_per_chart(charts: pd.DataFrame) -> pd.DataFrame:
    """coder, charts, p25, median, p75, p90: minutes of work on a chart."""
    minutes = charts.assign(minutes=charts["minutes"].astype(float)).groupby("coder")["minutes"]
    ends = {"p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
    found = pd.DataFrame(
        {"charts": minutes.count(), **{name: minutes.quantile(end) for name, end in ends.items()}}
    )
    return found.reset_index()


def rates(decided: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """A line for each `by` (code, coder or checkpoint) with three shares and their intervals.

    acceptance, rejection: of the suggestions decided on (`suggestions`), those accepted and those
    rejected. overturn: of all decisions (`decided`), added codes too, those that did not hold in
    the end. Most decisions first.
    """
    counted = decided.assign(
        accepted=decided["suggested"] & decided["given"],
        rejected=decided["suggested"] & ~decided["given"].astype(bool),
    ).groupby(by)
    found = counted.agg(
        decided=("given", "size"),
        suggestions=("suggested", "sum"),
        accepted=("accepted", "sum"),
        rejected=("rejected", "sum"),
        overturned=("overturned", "sum"),
    ).reset_index()
    found = found.sort_values(["decided", by], ascending=[False, True], ignore_index=True)
    found = with_interval(found, hits="accepted", of="suggestions", share="acceptance")
    found = with_interval(found, hits="rejected", of="suggestions", share="rejection")
    return with_interval(found, hits="overturned", of="decided", share="overturn")


def model_over_time(
    suggested: pd.DataFrame, finals: pd.DataFrame, *, period: str = "MS"
) -> pd.DataFrame:
    """A line for each period and checkpoint: its lists against the codes that hold.

    precision: of the likely suggestions, those that hold (`hits` of `likely`). recall: of the final
    codes (`final`), those that were likely suggestions. coverage: those that stood anywhere on the
    list (`found`); the others are missed by the list. brier: the mean squared distance of a
    probability from what turned out.
    """
    keys = ["period", "checkpoint"]
    shown = suggested.assign(
        period=periods(suggested["shown_at"], period),
        hit=suggested["likely"] & suggested["right"],
        square=(suggested["probability"] - suggested["right"].astype(float)) ** 2,
    ).groupby(keys)
    coded = finals.assign(period=periods(finals["shown_at"], period)).groupby(keys).size()
    found = shown.agg(
        listed=("code", "size"),
        likely=("likely", "sum"),
        hits=("hit", "sum"),
        found=("right", "sum"),
        brier=("square", "mean"),
    )
    found["final"] = coded.reindex(found.index, fill_value=0)
    table = found.reset_index()
    table["missed"] = table["final"] - table["found"]
    table = with_interval(table, hits="hits", of="likely", share="precision")
    table = with_interval(table, hits="hits", of="final", share="recall")
    return with_interval(table, hits="found", of="final", share="coverage")


def missed(suggested: pd.DataFrame, finals: pd.DataFrame) -> pd.DataFrame:
    """code, final, missed, share and its interval: codes that held and stood on no list.

    The most often missed first.
    """
    keys = ["note", "code", "checkpoint"]
    on_list = finals[keys].merge(suggested[keys].drop_duplicates(), how="left", indicator=True)
    lost = (on_list["_merge"] == "left_only").groupby(on_list["code"])
    found = pd.DataFrame({"final": lost.size(), "missed": lost.sum()}).reset_index()
    found = found.sort_values(["missed", "code"], ascending=[False, True], ignore_index=True)
    return with_interval(found, hits="missed", of="final", share="share")


def calibration(suggested: pd.DataFrame, *, bins: int = 10) -> pd.DataFrame:
    """bin, suggestions, expected, right, observed and its interval.

    expected: the mean probability of a bin. observed: the share of it that was right.
    """
    place = (suggested["probability"] * bins).astype(int).clip(upper=bins - 1)
    counted = suggested.assign(bin=place / bins).groupby("bin", as_index=False)
    found = counted.agg(
        suggestions=("code", "size"), expected=("probability", "mean"), right=("right", "sum")
    )
    return with_interval(found, hits="right", of="suggestions", share="observed")


def calibration_error(suggested: pd.DataFrame, *, bins: int = 10) -> float:
    """Expected calibration error: the bins' |expected - observed|, weighted by their size."""
    found = calibration(suggested, bins=bins)
    gaps = (found["expected"] - found["observed"]).abs()
    return float((gaps * found["suggestions"]).sum() / found["suggestions"].sum())


def calibration_errors(suggested: pd.DataFrame) -> pd.DataFrame:
    """checkpoint, suggestions, error (as `calibration_error`), brier: of each checkpoint."""
    rows = []
    for checkpoint, part in suggested.groupby("checkpoint"):
        brier = ((part["probability"] - part["right"].astype(float)) ** 2).mean()
        rows.append((checkpoint, len(part), calibration_error(part), brier))
    return pd.DataFrame(rows, columns=["checkpoint", "suggestions", "error", "brier"])


def frame(rows: Iterable[object], columns: Sequence[str]) -> pd.DataFrame:
    """A frame of records by their attributes; with its columns even where there are no rows."""
    return pd.DataFrame([[getattr(row, c) for c in columns] for row in rows], columns=[*columns])


def periods(times: pd.Series, period: str) -> pd.Series:
    """The start of the day, week (Monday) or month each time lies in, in UTC."""
    stamps = pd.to_datetime(times, utc=True)
    if stamps.empty:
        return stamps
    if period == "MS":
        return stamps.dt.normalize() - pd.to_timedelta(stamps.dt.day - 1, unit="D")
    if period == "W":
        return stamps.dt.normalize() - pd.to_timedelta(stamps.dt.day_of_week, unit="D")
    return stamps.dt.floor(period)
