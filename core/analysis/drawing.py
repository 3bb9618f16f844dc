"""How all figures look. Colours are Okabe and Ito's, which colour-blind readers tell apart; every
series has a mark of its own besides, so that a grey print can be read too."""

import html
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star")
GREY = "#B0B0B0"
TASKS = {"icd": "ICD codes", "ccs": "CCS/CCSR categories"}
PANEL = 420  # pixels, the height of a row of panels


def shown(text: str) -> str:
    """Text from outside as Plotly shows it: without this, `<b>` and `<a href>` would be obeyed."""
    return html.escape(text, quote=False)


def colour(place: int) -> str:
    """The colour of the series at `place` (from 0); they come round again after the seventh."""
    return OKABE_ITO[place % len(OKABE_ITO)]


def mark(place: int) -> str:
    """The mark of the series at `place` (from 0)."""
    return MARKS[(place + place // len(MARKS)) % len(MARKS)]


def panels(titles: Sequence[str], *, columns: int = 2, equal: bool = False) -> go.Figure:
    """An empty figure with a panel for each title, which may have lines.

    equal: both axes of a panel on one scale, so that circles are round.
    """
    columns = max(1, min(columns, len(titles)))
    rows = -(-len(titles) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[shown(title).replace("\n", "<br>") for title in titles],
        horizontal_spacing=0.1 if columns < 3 else 0.05,
        vertical_spacing=min(0.2, 0.25 / rows),
    )
    figure.update_layout(
        template="plotly_white",
        height=PANEL * rows + 80,
        margin={"l": 70, "r": 30, "t": 50 if any(titles) else 20, "b": 60},
        font={"family": "system-ui, sans-serif", "size": 13},
        legend={"orientation": "h", "y": -0.18 / rows, "yanchor": "top"},
        hovermode="closest",
    )
    figure.update_annotations(font_size=14)
    if equal:
        for place in range(1, len(titles) + 1):
            axis = "" if place == 1 else str(place)
            figure.update_layout({f"yaxis{axis}": {"scaleanchor": f"x{axis}", "scaleratio": 1}})
    return figure


def place_of(panel: int, columns: int) -> dict[str, int]:
    """Row and column (from 1) of the panel at `panel` (from 0), as Plotly asks for them."""
    return {"row": panel // columns + 1, "col": panel % columns + 1}
