"""Metrics against alpha and gamma of the focal loss and against lambda_d (MARN Figs. 12, 13)."""

from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go

from core.analysis.drawing import TASKS, colour, mark, panels, place_of, shown
from core.analysis.result import Result, not_drawn
from core.analysis.runs import NEEDED, over_seeds
from core.analysis.subject import Material

NAME, SOURCE = "sweeps", "MARN Figs. 12, 13"
KEYS = ("experiment", "row", "setting", "value", "task", "metric")


def sweeps(material: Material) -> list[Result]:
    """A figure for every row and setting that was tried at two values or more."""
    runs = pd.DataFrame(columns=KEYS) if material.runs is None else material.runs
    results = list(_drawn(over_seeds(runs[runs["value"].notna()], KEYS))) if len(runs) else []
    if results:
        return results
    reason = NEEDED if not len(runs) else "No run carries a value: none belongs to a sweep."
    return [not_drawn(NAME, title="Metrics against a setting", source=SOURCE, reason=reason)]


def _drawn(table: pd.DataFrame) -> Iterator[Result]:
    grouped = table.groupby(["experiment", "row", "setting"], sort=False)
    for place, ((experiment, row, setting), found) in enumerate(grouped, start=1):
        if found["value"].nunique() < 2:
            continue
        found = found.sort_values("value", kind="stable")
        yield Result(
            name=f"{NAME}-{place}",
            title=f"{row}: metrics against {setting or experiment}",
            source=SOURCE,
            table=found,
            figure=_figure(found, setting or experiment),
            notes=(
                f"Means over {_span(found['seeds'])} seeds; bars are one standard deviation.",
                *(_best(part) for _, part in found.groupby(["task", "metric"], sort=False)),
            ),
        )


def _span(seeds: pd.Series) -> str:
    return f"{seeds.min()}" if seeds.nunique() == 1 else f"{seeds.min()} to {seeds.max()}"


def _best(part: pd.DataFrame) -> str:
    best, worst = (part.loc[part["mean"].agg(which)] for which in ("idxmax", "idxmin"))
    return (
        f"{part['task'].iloc[0]} {part['metric'].iloc[0]}: best {best['mean']:.4g} at "
        f"{best['value']:g}, worst {worst['mean']:.4g} at {worst['value']:g}."
    )


def _figure(found: pd.DataFrame, setting: str) -> go.Figure:
    tasks = list(found["task"].unique())
    metrics = list(found["metric"].unique())
    figure = panels([TASKS.get(task, task) for task in tasks])
    for panel, task in enumerate(tasks):
        for place, metric in enumerate(metrics):
            part = found[(found["task"] == task) & (found["metric"] == metric)]
            figure.add_trace(
                go.Scatter(
                    x=part["value"],
                    y=part["mean"],
                    error_y={"array": part["sd"].fillna(0), "thickness": 1},
                    name=shown(metric),
                    legendgroup=shown(metric),
                    showlegend=panel == 0,
                    mode="lines+markers",
                    line={"color": colour(place), "width": 2.5},
                    marker={"symbol": mark(place), "size": 9},
                ),
                **place_of(panel, 2),
            )
    values = sorted(found["value"].unique())
    # evenly spaced: 0.99 and 0.999 would stand on one another on a scale of numbers
    figure.update_xaxes(
        title=shown(setting), type="category", categoryorder="array", categoryarray=values
    )
    figure.update_yaxes(title="score (%)")
    return figure
