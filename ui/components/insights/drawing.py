"""Figures of the insights page, in Plotly: pure functions from a table to a picture.

Every series has a colour that colour-blind readers tell apart and a mark or pattern of its own.
Whiskers are 95 % intervals; a hollow mark stands for fewer than FEW cases. Colours lie in the
middle between white and black, so that they can be read in light and in dark.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.drawing import OKABE_ITO, mark, shown
from core.metrics.shares import FEW
from ui.language import t

PATTERNS = ("", "/", "x", ".", "-", "+")
GREY = "#808890"
SHORT_AXIS = 8  # below, an axis that counts would repeat its numbers
LINE = 26  # pixels of a line in a figure with a name on each line
_HEIGHT = 340


def tint(place: int) -> str:
    """The colour of the series at `place` (from 0); black is left out, it is lost in the dark."""
    return OKABE_ITO[place % (len(OKABE_ITO) - 1)]


def stacked(
    table: pd.DataFrame, *, value: str, series: str, y_title: str, percent: bool = False
) -> go.Figure:
    """Bars over time on one another, a colour and a pattern for each series."""
    figure = _empty()
    for place, (name, part) in enumerate(table.groupby(series, sort=True)):
        shape = PATTERNS[place % len(PATTERNS)]
        pattern = {"shape": shape, "fillmode": "overlay", "fgcolor": "#ffffff", "fgopacity": 0.6}
        figure.add_bar(
            x=part["period"],
            y=part[value],
            name=shown(str(name)),
            marker={"color": tint(place), "pattern": pattern},
            hovertemplate="%{x|%Y-%m-%d}: %{y:.1%}" if percent else "%{x|%Y-%m-%d}: %{y:,}",
        )
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    _date_axis(figure, table)
    figure.update_yaxes(title=y_title, rangemode="tozero", tickformat=".0%" if percent else ",d")
    if not percent and table.groupby("period")[value].sum().max() < SHORT_AXIS:
        figure.update_yaxes(dtick=1)  # no 1, 1, 2, 2
    return figure


def shares_over_time(
    table: pd.DataFrame,
    *,
    share: str,
    of: str,
    series: str,
    names: Mapping[str, str],
    whole: bool = True,
) -> go.Figure:
    """A line with whiskers for each series; `of` counts the cases. whole: an axis from 0 to 1."""
    figure = _empty()
    for place, (key, part) in enumerate(table.groupby(series, sort=True)):
        figure.add_scatter(
            x=part["period"],
            y=part[share],
            name=shown(names.get(str(key), str(key))),
            mode="lines+markers",
            line={"color": tint(place), "dash": ("solid", "dot", "dash")[place % 3]},
            marker={"symbol": _marks(part[of], place), "size": 10},
            error_y=_whiskers(part, share, place),
            customdata=part[of],
            hovertemplate=t("%{x|%Y-%m-%d}: %{y:.1%} of %{customdata:,}"),
        )
    _date_axis(figure, table)
    figure.update_yaxes(tickformat=".0%" if whole else ".1%", rangemode="tozero")
    if whole:
        figure.update_yaxes(range=[-0.02, 1.02])
    return figure


def shares_by_name(
    table: pd.DataFrame, *, name: str, panels: Sequence[tuple[str, str, str]]
) -> go.Figure:
    """A line for each name and a panel for each (share, column of its cases, title).

    A panel's axis ends at 100 %, or at 20 % where all shares and their intervals lie below.
    """
    figure = make_subplots(
        cols=len(panels),
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=[t(title) for _, _, title in panels],
    )
    labels = [shown(str(each)) for each in table[name]]
    for place, (share, of, title) in enumerate(panels):
        figure.add_scatter(
            x=table[share],
            y=labels,
            name=t(title),
            mode="markers",
            marker={"symbol": _marks(table[of], place), "size": 10, "color": tint(place)},
            error_x=_whiskers(table, share, place),
            customdata=table[of],
            hovertemplate="%{y}: %{x:.1%} of %{customdata:,}<extra></extra>",
            row=1,
            col=place + 1,
        )
        end, step = (0.2, 0.05) if table[f"{share}_high"].max() < 0.2 else (1, 0.25)
        axis = {"range": [-end / 30, end * 1.03], "dtick": step, "tickformat": ".0%"}
        figure.update_xaxes(axis, col=place + 1)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_annotations(font_size=14)
    figure.update_layout(height=130 + LINE * len(labels), showlegend=False, margin=_MARGIN)
    return figure


def spans(
    table: pd.DataFrame, *, name: str, low: str, middle: str, high: str, x_title: str
) -> go.Figure:
    """A line for each name: a mark in the middle, whiskers from low to high."""
    figure = _empty()
    figure.add_scatter(
        x=table[middle],
        y=[
            f"{shown(str(each))} ({n:,})"
            for each, n in zip(table[name], table["charts"], strict=True)
        ],
        mode="markers",
        marker={"symbol": _marks(table["charts"], 0), "size": 11, "color": tint(0)},
        error_x={
            "type": "data",
            "array": table[high] - table[middle],
            "arrayminus": table[middle] - table[low],
            "color": tint(0),
        },
        hovertemplate="%{y}: %{x:.1f} min<extra></extra>",
    )
    figure.update_xaxes(title=x_title, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_layout(height=130 + LINE * len(table), showlegend=False)
    return figure


def band(table: pd.DataFrame, *, y_title: str) -> go.Figure:
    """The median over time between its tenth and ninetieth percentile."""
    figure = _empty()
    for column, name, dash in (
        ("p90", t("90th percentile"), "dot"),
        ("p10", t("10th percentile"), "dash"),
    ):
        figure.add_scatter(
            x=table["period"],
            y=table[column],
            name=name,
            mode="lines",
            line={"color": GREY, "dash": dash},
            hovertemplate="%{x|%Y-%m-%d}: %{y:,.0f}",
        )
    figure.add_scatter(
        x=table["period"],
        y=table["median"],
        name=t("median"),
        mode="lines+markers",
        line={"color": tint(0)},
        marker={"symbol": _marks(table["notes"], 0), "size": 10},
        customdata=table["notes"],
        hovertemplate=t("%{x|%Y-%m-%d}: %{y:,.0f}, %{customdata:,} notes"),
    )
    _date_axis(figure, table)
    figure.update_yaxes(title=y_title, rangemode="tozero")
    return figure


def against_chance(table: pd.DataFrame) -> go.Figure:
    """Distances over time beside the distances that chance alone would bring."""
    figure = _empty()
    for column, name, place, dash in (
        ("distance", t("distance from the first period"), 0, "solid"),
        ("by_chance", t("by chance alone"), 1, "dot"),
    ):
        figure.add_scatter(
            x=table["period"],
            y=table[column],
            name=name,
            mode="lines+markers",
            line={"color": tint(place), "dash": dash},
            marker={"symbol": _marks(table["notes"], place), "size": 10},
            customdata=table["notes"],
            hovertemplate=t("%{x|%Y-%m-%d}: %{y:.3f}, %{customdata:,} notes"),
        )
    _date_axis(figure, table)
    figure.update_yaxes(title=t("0 the same, 1 nothing in common"), rangemode="tozero")
    return figure


def calibrated(curves: Mapping[str, pd.DataFrame]) -> go.Figure:
    """Said against right: a curve for each name, and the line on which both are equal."""
    figure = _empty()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        name=t("said = right"),
        mode="lines",
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    for place, (name, part) in enumerate(curves.items()):
        figure.add_scatter(
            x=part["expected"],
            y=part["observed"],
            name=shown(name),
            mode="lines+markers",
            line={"color": tint(place)},
            marker={"symbol": _marks(part["suggestions"], place), "size": 10},
            error_y=_whiskers(part, "observed", place) if "observed_low" in part else None,
            customdata=part["suggestions"],
            hovertemplate=t("said %{x:.1%}, right %{y:.1%} of %{customdata:,}"),
        )
    figure.update_xaxes(title=t("probability said"), tickformat=".0%", range=[-0.02, 1.02])
    figure.update_yaxes(title=t("share that was right"), tickformat=".0%", range=[-0.02, 1.02])
    figure.update_layout(height=_HEIGHT + 80)
    return figure


_MARGIN = {"l": 10, "r": 10, "t": 30, "b": 10}


def _empty() -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=_HEIGHT,
        margin=_MARGIN,
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        showlegend=True,
    )
    return figure


def _date_axis(figure: go.Figure, table: pd.DataFrame) -> None:
    """A tick for each month where each point stands for one."""
    if len(table) and (table["period"].dt.day == 1).all():
        figure.update_xaxes(dtick="M1", tickformat="%b\n%Y")


def _marks(cases: pd.Series, place: int) -> list[str]:
    symbol = mark(place)
    return [f"{symbol}-open" if number < FEW else symbol for number in cases]


def _whiskers(table: pd.DataFrame, share: str, place: int) -> dict[str, object]:
    return {
        "type": "data",
        "array": table[f"{share}_high"] - table[share],
        "arrayminus": table[share] - table[f"{share}_low"],
        "color": tint(place),
        "thickness": 1.2,
    }
