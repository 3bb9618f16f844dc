"""Mean and standard deviation over seeds, row by row (MT-RAM tables)."""

import pandas as pd
import plotly.graph_objects as go

from core.analysis.drawing import TASKS, colour, mark, panels, place_of, shown
from core.analysis.result import Result, not_drawn
from core.analysis.runs import NEEDED, over_seeds
from core.analysis.subject import Material

NAME, SOURCE = "seeds", "MT-RAM tables"
KEYS = ("experiment", "row", "task", "metric")
LINE = 26  # pixels, the height of one row in the figure


def seeds(material: Material) -> list[Result]:
    """A table and a figure for each experiment that is no sweep."""
    runs = material.runs
    plain = None if runs is None else runs[runs["value"].isna()]
    if plain is None or plain.empty:
        reason = NEEDED if runs is None or runs.empty else "All runs belong to sweeps; see there."
        title = "Mean and deviation over seeds"
        return [not_drawn(NAME, title=title, source=SOURCE, reason=reason)]
    table = over_seeds(plain, KEYS)
    grouped = list(table.groupby("experiment", sort=False))
    return [
        Result(
            name=NAME if len(grouped) == 1 else f"{NAME}-{place}",
            title=f"Mean and deviation over seeds: {experiment}",
            source=SOURCE,
            table=wide(found),
            figure=_figure(found),
            notes=(
                "Mean ± standard deviation (n - 1) over seeds; one seed has no deviation.",
                *_few(found),
            ),
        )
        for place, (experiment, found) in enumerate(grouped, start=1)
    ]


def wide(found: pd.DataFrame) -> pd.DataFrame:
    """A line for each row: seeds, then `mean ± sd` under `task metric`."""
    said = found.assign(
        measure=found["task"] + " " + found["metric"],
        said=[_written(mean, sd) for mean, sd in zip(found["mean"], found["sd"], strict=True)],
    )
    order = list(said["measure"].unique())
    table = said.pivot(index="row", columns="measure", values="said")[order].fillna("")
    table = table.loc[said["row"].unique()]
    table.insert(0, "seeds", said.groupby("row")["seeds"].max().reindex(table.index))
    return table.reset_index().rename_axis(columns=None)


def _written(mean: float, sd: float) -> str:
    return f"{mean:.4g}" if pd.isna(sd) else f"{mean:.4g} ± {sd:.2g}"


def _few(found: pd.DataFrame) -> list[str]:
    most = found["seeds"].max()
    fewer = found[found["seeds"] < most]["row"].unique()
    return [f"Fewer than {most} seeds: {', '.join(fewer)}."] if len(fewer) else []


def _figure(found: pd.DataFrame) -> go.Figure:
    """Rows down the page, a panel for each task, a mark for each metric."""
    tasks = list(found["task"].unique())
    rows = list(found["row"].unique())
    figure = panels([TASKS.get(task, task) for task in tasks])
    for panel, task in enumerate(tasks):
        for place, metric in enumerate(found["metric"].unique()):
            part = found[(found["task"] == task) & (found["metric"] == metric)]
            figure.add_trace(
                go.Scatter(
                    x=part["mean"],
                    y=part["row"].map(shown),
                    error_x={"array": part["sd"].fillna(0), "thickness": 1},
                    name=shown(metric),
                    legendgroup=shown(metric),
                    showlegend=panel == 0,
                    mode="markers",
                    marker={"color": colour(place), "symbol": mark(place), "size": 9},
                ),
                **place_of(panel, 2),
            )
    height = max(int(figure.layout.height), LINE * len(rows) + 200)
    figure.update_layout(height=height, legend={"y": -80 / height})
    figure.update_yaxes(categoryorder="array", categoryarray=list(map(shown, rows[::-1])))
    figure.update_xaxes(title="score (%)")
    return figure
