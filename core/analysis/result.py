"""What an analysis gives back: a table, a picture of it, and what a reader must know of both."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True, kw_only=True)
class Result:
    """One picture of the papers, drawn for our data.

    name: what its files are called. figure: None where there is nothing to draw; then `notes`
    say why. `notes` are plain sentences: how figures were made, and what they come to.
    """

    name: str
    title: str
    source: str  # the picture of which paper
    table: pd.DataFrame
    figure: go.Figure | None
    notes: tuple[str, ...] = ()


def not_drawn(name: str, *, title: str, source: str, reason: str) -> Result:
    """A result without table and figure that says why."""
    empty = pd.DataFrame()
    return Result(name=name, title=title, source=source, table=empty, figure=None, notes=(reason,))
