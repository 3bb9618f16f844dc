"""The figures of an experiment as Plotly pictures: bars of a table, curves of a sweep."""

from collections.abc import Sequence
from typing import Any

from core.experiments.report import printed_name
from core.experiments.summary import Line, Spread
from core.experiments.table import Experiment


def pictures(experiment: Experiment, found: Sequence[Line]) -> list[str]:
    """One piece of HTML for each task; the first carries Plotly's script."""
    return [
        picture.to_html(
            full_html=False,
            include_plotlyjs=index == 0,
            config={"displaylogo": False},
            div_id=f"{experiment.name}-{index}",  # a page of the same runs is the same page
        )
        for index, picture in enumerate(_pictures(experiment, found))
    ]


def _pictures(experiment: Experiment, found: Sequence[Line]) -> list[Any]:  # Any: plotly is untyped
    import plotly.graph_objects as go

    drawn = []
    for task in experiment.tables:
        if not any(line.spread(task, metric) for line in found for metric in experiment.metrics):
            continue
        traces = (_lines if experiment.axis else _bars)(go, experiment, task, found)
        picture = go.Figure(traces)
        picture.update_layout(
            title=task.upper(),
            xaxis_title=experiment.axis or None,
            yaxis_title="%",
            barmode="group",
            template="plotly_white",
            height=520,
        )
        drawn.append(picture)
    return drawn


def _bars(go: Any, experiment: Experiment, task: str, found: Sequence[Line]) -> list[Any]:
    """A group of bars for each metric; published figures are marked by a diamond."""
    traces = []
    published = experiment.tables[task]
    for metric in experiment.metrics:
        there = [(line, s) for line in found if (s := line.spread(task, metric)) is not None]
        names = [line.cell.name for line, _ in there]
        spreads = [spread for _, spread in there]
        traces.append(
            go.Bar(name=metric, x=names, y=[s.mean for s in spreads], error_y=_errors(spreads))
        )
        printed = [
            published.of(printed_name(line)).get(metric) if published else None for line, _ in there
        ]
        if any(value is not None for value in printed):
            marker = {"symbol": "diamond-open", "size": 8}
            traces.append(
                go.Scatter(
                    name=f"{metric}, published",
                    x=names,
                    y=printed,
                    mode="markers",
                    marker=marker,
                    visible="legendonly",
                )
            )
    return traces


def _lines(go: Any, experiment: Experiment, task: str, found: Sequence[Line]) -> list[Any]:
    """A curve for each row and metric along the axis of the sweep."""
    traces = []
    rows = tuple(dict.fromkeys(line.cell.row for line in found))
    for row in rows:
        for metric in experiment.metrics:
            points = [
                (line.cell.value, spread)
                for line in found
                if line.cell.row == row and (spread := line.spread(task, metric)) is not None
            ]
            spreads = [spread for _, spread in points]
            traces.append(
                go.Scatter(
                    name=metric if len(rows) == 1 else f"{row}, {metric}",
                    x=[value for value, _ in points],
                    y=[spread.mean for spread in spreads],
                    error_y=_errors(spreads),
                    mode="lines+markers",
                )
            )
    return traces


def _errors(spreads: Sequence[Spread]) -> dict[str, Any] | None:  # Any: Plotly's own settings
    if all(spread.sd is None for spread in spreads):
        return None
    return {"type": "data", "array": [spread.sd or 0.0 for spread in spreads]}
