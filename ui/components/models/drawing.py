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
_SIDES = ("a", "b")


def both(
    figures: Sequence[Figure], names: Mapping[str, str], labels: Mapping[str, str]
) -> go.Figure:
    """A line for each figure: on the left A and B, on the right B - A around 0."""
    told = [each for each in figures if each.a is not None and each.b is not None]
    picture = _panels(t("A and B"), [labels[each.name] for each in told])
    for place, side in enumerate(_SIDES):
        lows, highs = ([getattr(each, f"{side}_{end}") for each in told] for end in ("low", "high"))
        values = [getattr(each, side) for each in told]
        whiskers = _whiskers(values, lows, highs, tint(place))
        _points(picture, place, values, names[side], said="%{x:.3f}", error_x=whiskers)
    words = {Verdict.BETTER: t("B is better"), Verdict.WORSE: t("B is worse")}
    _differences(
        picture,
        [each.difference for each in told],
        [each.low for each in told],
        [each.high for each in told],
        words=[words.get(each.verdict, "") for each in told],
        said="%{x:+.4f}",
    )
    return picture


def ranks(places: Sequence[Place], names: Mapping[str, str]) -> go.Figure:
    """A line for each kind of decision: the mean place in either list."""
    labels = [t("{kind} ({codes})", kind=t(each.kind), codes=each.codes) for each in places]
    picture = _panels(t("mean place in the list"), labels)
    for place, side in enumerate(_SIDES):
        values = [getattr(each, f"rank_{side}") for each in places]
        _points(picture, place, values, names[side], said="%{x:.1f}")
    _differences(
        picture,
        [each.difference for each in places],
        [each.low for each in places],
        [each.high for each in places],
        words=[""] * len(places),
        said="%{x:+.2f}",
    )
    return picture


def _panels(title: str, labels: Sequence[str]) -> go.Figure:
    picture = make_subplots(
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[title, t("B minus A")],
    )
    lines = len(labels)
    picture.update_yaxes(
        tickvals=list(range(lines)), ticktext=labels, range=[lines - 0.4, -0.6], zeroline=False
    )
    picture.update_xaxes(zeroline=False)
    picture.update_annotations(font_size=14)
    picture.update_layout(
        height=130 + _LINE * lines,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "yanchor": "top", "y": -20 / lines / _LINE * 2, "x": 0},
        showlegend=True,
    )
    return picture


def _points(
    picture: go.Figure,
    place: int,
    values: Sequence[float | None],
    name: str,
    *,
    said: str,
    error_x: Mapping[str, object] | None = None,
) -> None:
    """A's points a little above each line, B's a little below: both are seen where they agree."""
    picture.add_scatter(
        x=values,
        y=[line + (place - 0.5) * 0.3 for line in range(len(values))],
        name=shown(name),
        mode="markers",
        marker={"symbol": mark(place), "size": 10, "color": tint(place)},
        error_x=error_x,
        hovertemplate=f"{said}<extra>{shown(name)}</extra>",
        row=1,
        col=1,
    )


def _differences(
    picture: go.Figure,
    values: Sequence[float | None],
    lows: Sequence[float | None],
    highs: Sequence[float | None],
    *,
    words: Sequence[str],
    said: str,
) -> None:
    picture.add_scatter(
        x=values,
        y=list(range(len(values))),
        mode="markers+text",
        showlegend=False,
        text=words,
        textposition="top center",
        marker={"symbol": _open(lows, highs), "size": 12, "color": tint(2)},
        error_x=_whiskers(values, lows, highs, tint(2)),
        cliponaxis=False,
        hovertemplate=f"{said}<extra></extra>",
        row=1,
        col=2,
    )
    picture.add_vline(x=0, line={"color": GREY, "dash": "dot"}, row=1, col=2)


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
