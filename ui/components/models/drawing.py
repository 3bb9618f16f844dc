"""Pictures of a comparison: both figures with their intervals, and the difference.

A and B have a colour and a mark of their own; a difference that may be chance has a hollow mark.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis.drawing import mark, shown
from core.comparing import Figure, Place, Verdict
from ui.components.insights.drawing import GREY, tint
from ui.language import t

_LINE = 44  # pixels


def both(figures: Sequence[Figure], names: Mapping[str, str]) -> go.Figure:
    """A line for each figure: on the left A and B, on the right B - A around 0."""
    told = [each for each in figures if each.a is not None and each.b is not None]
    labels = [t(each.name) for each in told]
    picture = make_subplots(
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[t("A and B"), t("B minus A")],
    )
    for place, side in enumerate(("a", "b")):
        values = [getattr(each, side) for each in told]
        picture.add_scatter(
            x=values,
            y=labels,
            name=shown(names[side]),
            mode="markers",
            marker={"symbol": mark(place), "size": 11, "color": tint(place)},
            error_x=_whiskers(
                values,
                [getattr(each, f"{side}_low") for each in told],
                [getattr(each, f"{side}_high") for each in told],
                tint(place),
            ),
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
            row=1,
            col=1,
        )
    _differences(picture, told, labels)
    return _laid_out(picture, len(told))


def ranks(places: Sequence[Place], names: Mapping[str, str]) -> go.Figure:
    """A line for each kind of decision: the mean place in either list."""
    labels = [t("{kind} ({codes})", kind=t(each.kind), codes=each.codes) for each in places]
    picture = make_subplots(
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[t("mean place in the list"), t("B minus A")],
    )
    for place, side in enumerate(("a", "b")):
        picture.add_scatter(
            x=[getattr(each, f"rank_{side}") for each in places],
            y=labels,
            name=shown(names[side]),
            mode="markers",
            marker={"symbol": mark(place), "size": 11, "color": tint(place)},
            hovertemplate="%{y}: %{x:.1f}<extra></extra>",
            row=1,
            col=1,
        )
    differences = [each.difference for each in places]
    lows, highs = [each.low for each in places], [each.high for each in places]
    picture.add_scatter(
        x=differences,
        y=labels,
        mode="markers",
        showlegend=False,
        marker={"symbol": _open(lows, highs), "size": 12, "color": tint(2)},
        error_x=_whiskers(differences, lows, highs, tint(2)),
        hovertemplate="%{y}: %{x:+.2f}<extra></extra>",
        row=1,
        col=2,
    )
    return _laid_out(picture, len(places))


def _differences(picture: go.Figure, told: Sequence[Figure], labels: Sequence[str]) -> None:
    words = {Verdict.BETTER: t("B is better"), Verdict.WORSE: t("B is worse")}
    lows, highs = [each.low for each in told], [each.high for each in told]
    values = [each.difference for each in told]
    picture.add_scatter(
        x=values,
        y=labels,
        mode="markers+text",
        showlegend=False,
        text=[words.get(each.verdict, "") for each in told],
        textposition="top center",
        marker={"symbol": _open(lows, highs), "size": 12, "color": tint(2)},
        error_x=_whiskers(values, lows, highs, tint(2)),
        cliponaxis=False,
        hovertemplate="%{y}: %{x:+.4f}<extra></extra>",
        row=1,
        col=2,
    )


def _laid_out(picture: go.Figure, lines: int) -> go.Figure:
    picture.add_vline(x=0, line={"color": GREY, "dash": "dot"}, row=1, col=2)
    picture.update_yaxes(autorange="reversed", type="category")
    picture.update_annotations(font_size=14)
    picture.update_layout(
        height=130 + _LINE * lines,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "yanchor": "top", "y": -0.12, "x": 0},
        showlegend=True,
    )
    return picture


def _open(lows: Sequence[float | None], highs: Sequence[float | None]) -> list[str]:
    """A hollow mark where the interval holds 0: the difference may be none."""
    ends = zip(lows, highs, strict=True)
    return [
        "square" if low is not None and high is not None and not low <= 0 <= high else "square-open"
        for low, high in ends
    ]


def _whiskers(
    values: Sequence[float | None],
    lows: Sequence[float | None],
    highs: Sequence[float | None],
    colour: str,
) -> dict[str, object]:
    def reach(one: float | None, other: float | None) -> float:
        return 0.0 if one is None or other is None else one - other

    return {
        "type": "data",
        "array": [reach(high, value) for high, value in zip(highs, values, strict=True)],
        "arrayminus": [reach(value, low) for low, value in zip(lows, values, strict=True)],
        "color": colour,
        "thickness": 1.4,
    }
