"""Insights: what happened, as frames for `core.metrics.insights`. Reads, writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine

from core.errors import BadSettings
from db import facts, unit_of_work
from db.cells import defuse
from db.kinds import days
from ui.services import chart_facts

__all__ = ["Frames", "Insights", "Wanted", "as_csv", "wanted"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which finished charts are looked at; None: all."""

    since: datetime | None = None  # finished then or later
    until: datetime | None = None  # and before that
    coder: str | None = None  # who finished the chart
    checkpoint: str | None = None  # hash of the one that made the list

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise BadSettings("the first day lies after the last; swap the dates")


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The facts of finished charts; `core.metrics.insights` says what each column means."""

    charts: pd.DataFrame
    decided: pd.DataFrame
    suggested: pd.DataFrame
    finals: pd.DataFrame
    checkpoints: Mapping[str, str]  # hash -> name, of every list that was shown

    def of(self, wanted: Wanted) -> "Frames":
        """The facts of the charts that are wanted."""
        charts = self.charts
        kept = pd.Series(data=True, index=charts.index)
        if wanted.since is not None:
            kept &= charts["finished_at"] >= wanted.since
        if wanted.until is not None:
            kept &= charts["finished_at"] < wanted.until
        for column, value in (("coder", wanted.coder), ("checkpoint", wanted.checkpoint)):
            if value is not None:
                kept &= charts[column] == value
        notes = set(charts.loc[kept, "note"])
        others = {
            name: each[each["note"].isin(notes)]
            for name in ("decided", "suggested", "finals")
            for each in [getattr(self, name)]
        }
        return replace(self, charts=charts[kept], **others)


@dataclass(frozen=True, kw_only=True)
class Insights:
    """What a lead asks of the past."""

    engine: Engine

    def state(self) -> str:
        """Another text whenever `frames` would answer otherwise: what may be kept till then."""
        with unit_of_work(self.engine, write=False) as session:
            return facts.state(session)

    def frames(self) -> Frames:
        """Every finished chart. What was planted on purpose counts nowhere."""
        with unit_of_work(self.engine, write=False) as session:
            found = chart_facts.read(session)
        shown = (each for chart in found for each in chart.screens.values())
        return Frames(
            charts=chart_facts.charts(found),
            decided=chart_facts.decided(found),
            suggested=chart_facts.suggested(found),
            finals=chart_facts.finals(found),
            checkpoints={each.checkpoint_hash: each.checkpoint for each in shown},
        )


def wanted(
    *, first: date | None, last: date | None, coder: str | None, checkpoint: str | None
) -> Wanted:
    """Charts finished from the first to the last day (UTC), the last one included."""
    return Wanted(**days(first, last), coder=coder, checkpoint=checkpoint)


def as_csv(table: pd.DataFrame) -> bytes:
    """The table as a CSV file in UTF-8 whose cells no spreadsheet takes for formulas."""
    safe = table.map(lambda cell: defuse(cell) if isinstance(cell, str) else cell)
    return str(safe.to_csv(index=False, lineterminator="\n")).encode()
