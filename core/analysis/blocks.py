"""Which blocks help which encoder (MARN Fig. 8): multitask, RAM and focal loss, each and all."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go

from core.ablations import ICD
from core.aggregators import RAM
from core.analysis.drawing import GREY, TASKS, colour, panels, place_of, shown
from core.analysis.result import Result, not_drawn
from core.analysis.runs import NEEDED, over_seeds
from core.analysis.subject import Material
from core.losses import BinaryCrossEntropy, Focal
from core.systems import SYSTEMS, Embedding, Recipe, System

NAME, TITLE, SOURCE = "blocks", "Which blocks help which encoder", "MARN Fig. 8"
BLOCKS = ("MTL", "RAM", "FL")
PATTERNS = ("", "/", "x", "\\", ".", "-", "+", "|")
MEASURE = "macro F1"  # what Fig. 8 shows
NONE = "no block"


def blocks(material: Material) -> list[Result]:
    """Bars of macro F1: a group for each encoder, a bar for each combination of blocks."""
    reason = NEEDED
    if material.runs is not None:
        table = _compared(_table(material.runs))
        if not table.empty:
            notes = (
                "Gain: over the same encoder without any block, where that was run.",
                *(_said(encoder, part) for encoder, part in table.groupby("encoder", sort=False)),
            )
            figure = _figure(table)
            return [
                Result(
                    name=NAME, title=TITLE, source=SOURCE, table=table, figure=figure, notes=notes
                )
            ]
        reason = "No encoder was run with several combinations of blocks, macro F1 measured."
    return [not_drawn(NAME, title=TITLE, source=SOURCE, reason=reason)]


def parted(name: str, *, bare: bool = False) -> tuple[str, tuple[str, ...]] | None:
    """(encoder, its blocks) of what an experiment trained; None where the name does not say.

    `caml + MTL + RAM` names its blocks, `marn w/o FL` those it lacks. A row of the systems table
    has those of its cells, unless it is `bare`: one of an experiment that names what it adds.
    """
    for sign, comma, lacking in ((" + ", " + ", False), (" w/o ", ", ", True)):
        encoder, found, rest = name.partition(sign)
        named = set(rest.split(comma)) if found else set()
        if named and named <= set(BLOCKS):
            known = lacking and encoder in SYSTEMS
            has = tuple(block for block in BLOCKS if (block in named) != lacking)
            return (_encoder(SYSTEMS[encoder]) if known else encoder), has
    if bare:
        return name, ()
    return (_encoder(SYSTEMS[name]), _of(SYSTEMS[name])) if name in SYSTEMS else None


def _of(row: System) -> tuple[str, ...]:
    has = {
        "MTL": len(row.tasks) > 1,
        "RAM": isinstance(row.aggregator, RAM),
        "FL": isinstance(row.loss, Focal),
    }
    return tuple(block for block in BLOCKS if has[block])


def _encoder(row: System) -> str:
    """The first row of the table that differs in its blocks alone, whatever it is trained with."""
    return next(other.name for other in SYSTEMS.values() if _bare(other) == _bare(row))


def _bare(row: System) -> tuple[System, bool]:
    """The row without its blocks, name and recipe; and whether it follows the authors' code."""
    without = replace(
        row,
        name="",
        source="",
        tasks=ICD,
        aggregator=None if isinstance(row.aggregator, RAM) else row.aggregator,
        loss=BinaryCrossEntropy() if isinstance(row.loss, Focal) else row.loss,
        embedding=Embedding(),
        recipe=Recipe(),
    )
    return without, row.name.endswith("_released")


def _table(runs: pd.DataFrame) -> pd.DataFrame:
    """Macro F1 of every run whose blocks are known, over seeds, with what the blocks gain."""
    wanted = runs[runs["value"].isna() & (runs["metric"] == MEASURE)]
    adding = {e for e, part in wanted.groupby("experiment") if part["row"].map(_adds).any()}
    said = [
        parted(row, bare=experiment in adding)
        for experiment, row in zip(wanted["experiment"], wanted["row"], strict=True)
    ]
    named = wanted.assign(
        encoder=[each[0] if each else None for each in said],
        blocks=[" + ".join(each[1]) or NONE if each else None for each in said],
    ).dropna(subset=["encoder"])
    if named.empty:
        return named
    keys = ("experiment", "encoder", "blocks", "row", "task", "metric")
    table = over_seeds(named, keys)
    plain: Mapping[tuple[str, ...], float] = {
        (line.experiment, line.encoder, line.task): line.mean
        for line in table[table["blocks"] == NONE].itertuples(name="Line", index=False)
    }
    places = zip(table["experiment"], table["encoder"], table["task"], strict=True)
    again = table.duplicated(["experiment", "encoder", "blocks", "task"])
    table.loc[again, "blocks"] += ": " + table["row"]  # such as additive RAM beside RAM
    table["gain"] = table["mean"] - [plain.get(place, float("nan")) for place in places]
    return table


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    """Only encoders that were run with several combinations of blocks: the others say nothing."""
    grouped = table.groupby(["experiment", "encoder"])["blocks"]
    return table[grouped.transform("nunique") > 1]


def _adds(name: str) -> bool:
    return " + " in name and parted(name) is not None


def _said(encoder: str, part: pd.DataFrame) -> str:
    gained = part[part["gain"].notna() & (part["blocks"] != NONE)]
    if gained.empty:
        return f"{encoder}: not run without blocks, so no gain can be told."
    figures = ", ".join(
        f"{line['blocks']} {line['gain']:+.4g} ({line['task']})" for _, line in gained.iterrows()
    )
    return f"{encoder}: {figures}."


def _figure(table: pd.DataFrame) -> go.Figure:
    tasks = list(table["task"].unique())
    several = table["experiment"].nunique() > 1
    named = table.assign(
        group=table["encoder"].map(shown)
        + ("<br>" + table["experiment"].map(shown) if several else "")
    )
    order = sorted(named["blocks"].unique(), key=lambda said: (said != NONE, said.count("+"), said))
    figure = panels([TASKS.get(task, task) for task in tasks], columns=1)
    for panel, task in enumerate(tasks):
        for place, combination in enumerate(order):
            part = named[(named["task"] == task) & (named["blocks"] == combination)]
            figure.add_trace(
                go.Bar(
                    x=part["group"],
                    y=part["mean"],
                    error_y={"array": part["sd"].fillna(0), "thickness": 1},
                    text=part["row"].map(shown),
                    textposition="none",
                    name=shown(combination),
                    legendgroup=shown(combination),
                    showlegend=panel == 0,
                    marker=_looks(place),
                    hovertemplate="%{text}<br>%{y:.4g}<extra></extra>",
                ),
                **place_of(panel, 1),
            )
    figure.update_layout(barmode="group")
    figure.update_yaxes(title=f"{MEASURE} (%)")
    return figure


def _looks(place: int) -> dict[str, object]:
    """Grey for the first bar, which has no block; a colour and a pattern for each of the others."""
    tint = colour(place - 1) if place else GREY
    return {"color": tint, "pattern": {"shape": PATTERNS[place % len(PATTERNS)]}}
