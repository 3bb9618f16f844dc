"""Normalised BCE of each code against its frequency, a curve for each checkpoint (MARN Fig. 11)."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.analysis.drawing import TASKS, colour, mark, panels, place_of, shown
from core.analysis.frequency import bin_of, written
from core.analysis.result import Result, not_drawn
from core.analysis.subject import Material, Scored, Subject

NAME, TITLE, SOURCE = "loss", "Normalised BCE against frequency", "MARN Fig. 11"
BLOCK = 1000  # notes at once: 47,000 notes x 8,921 codes in float64 are 3 GB
CERTAIN = 1e-7  # float32 cannot tell a probability nearer to 1 from 1


def losses(material: Material) -> list[Result]:
    """One line per code and checkpoint in the table, one curve per checkpoint in the figure."""
    tables = [
        _of(subject, subject.scored, task)
        for subject in material.subjects
        if subject.scored is not None
        for task in TASKS
        if task in subject.checkpoint.spaces
    ]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if table.empty:
        reason = "Needs a checkpoint and notes that carry its codes: name --corpus and --dir."
        return [not_drawn(NAME, title=TITLE, source=SOURCE, reason=reason)]
    notes = [
        f"Notes of split {material.scored_in!r}, the network alone. BCE of a code, summed over the "
        "notes and divided by the notes that carry it and by all notes; a code that no note "
        "carries has no such figure.",
        *(_said(name, part) for name, part in table.groupby("checkpoint", sort=False)),
    ]
    if len(table["loss"].unique()) == 1:
        notes.append("One training loss only; name several --checkpoint to compare losses.")
    figure = _figure(table)
    return [
        Result(
            name=NAME, title=TITLE, source=SOURCE, table=table, figure=figure, notes=tuple(notes)
        )
    ]


def normalised_bce(
    scores_NL: NDArray[np.float32], targets_NL: NDArray[np.float32]
) -> NDArray[np.float64]:
    """BCE of each code over the notes / (notes that carry it x notes); NaN where none carries it.

    scores are probabilities. Follows MARN Fig. 11: without the division a frequent code would
    have a high loss only because it occurs often.
    """
    bce_L = np.zeros(scores_NL.shape[1])
    for start in range(0, len(scores_NL), BLOCK):
        p_BL = np.clip(scores_NL[start : start + BLOCK].astype(np.float64), CERTAIN, 1 - CERTAIN)
        gold_BL = targets_NL[start : start + BLOCK] > 0.5
        bce_L -= np.where(gold_BL, np.log(p_BL), np.log1p(-p_BL)).sum(axis=0)
    count_L = (targets_NL > 0.5).sum(axis=0)
    total_L = count_L * len(scores_NL)
    normalised_L = np.full(len(bce_L), np.nan)
    np.divide(bce_L, total_L, out=normalised_L, where=total_L > 0)
    return normalised_L


def _of(subject: Subject, scored: Scored, task: str) -> pd.DataFrame:
    space, targets_NL = subject.checkpoint.spaces[task], scored.targets[task]
    table = pd.DataFrame(
        {
            "checkpoint": subject.name,
            "loss": subject.loss,
            "task": task,
            "system": [code.system.value for code in space],
            "code": [code.code for code in space],
            "notes": (targets_NL > 0.5).sum(axis=0),
            "normalised_bce": normalised_bce(scored.scores[task], targets_NL),
        }
    )
    return table[table["notes"] > 0]


def _said(name: str, part: pd.DataFrame) -> str:
    icd = part[part["task"] == "icd"]
    rare, others = (icd[icd["notes"] == 1], icd[icd["notes"] > 1])
    figures = ", ".join(
        f"{found['normalised_bce'].mean():.4g} of the {len(found)} ICD codes with {what}"
        for found, what in ((rare, "one note"), (others, "more"))
        if len(found)
    )
    return f"{name} ({part['loss'].iloc[0]}): mean {figures}."


def _figure(table: pd.DataFrame) -> go.Figure:
    tasks = [task for task in TASKS if (table["task"] == task).any()]
    names = list(table["checkpoint"].unique())
    figure = panels([TASKS[task] for task in tasks])
    for panel, task in enumerate(tasks):
        where = place_of(panel, 2)
        for place, name in enumerate(names):
            part = table[(table["task"] == task) & (table["checkpoint"] == name)]
            if len(names) == 1:
                figure.add_trace(_points(part, place), **where)
            figure.add_trace(_curve(part, name, place, first=panel == 0), **where)
    figure.update_xaxes(title="notes that carry the code", type="log", dtick="D2")
    figure.update_yaxes(title="normalised BCE", type="log", tickformat=".2~g")
    return figure


def _points(part: pd.DataFrame, place: int) -> go.Scatter:
    return go.Scatter(
        x=part["notes"],
        y=part["normalised_bce"],
        text=(part["system"] + " " + part["code"]).map(shown),
        mode="markers",
        marker={"color": colour(place), "size": 4, "opacity": 0.25},
        showlegend=False,
        hovertemplate="%{text}<br>%{x} notes, %{y:.3g}<extra></extra>",
    )


def _curve(part: pd.DataFrame, name: str, place: int, *, first: bool) -> go.Scatter:
    """The mean over the codes of each bin of frequency."""
    binned = part.groupby(part["notes"].map(bin_of), sort=True)
    means = binned[["notes", "normalised_bce"]].mean()
    said = [f"{len(found)} codes with {written(ends)} notes" for ends, found in binned]
    loss = "" if part.empty else part["loss"].iloc[0]
    return go.Scatter(
        x=means["notes"],
        y=means["normalised_bce"],
        text=said,
        name=shown(f"{name}, {loss}"),
        legendgroup=shown(name),
        showlegend=first,
        mode="lines+markers",
        line={"color": colour(place), "width": 2.5},
        marker={"symbol": mark(place), "size": 9},
        hovertemplate="%{text}<br>mean %{y:.3g}<extra></extra>",
    )
