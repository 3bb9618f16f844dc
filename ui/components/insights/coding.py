"""What coders did: charts finished, time on a chart, what became of suggestions and decisions."""

import streamlit as st

from core.metrics import insights
from ui.components.insights import drawing
from ui.components.insights.choosing import label
from ui.components.insights.figure import figure
from ui.language import t
from ui.services.insights import Frames

NAMED = 5  # coders with a colour of their own
LISTED = 20  # codes in the picture; the table has all
_PANELS = (
    ("acceptance", "suggestions", "accepted"),
    ("rejection", "suggestions", "rejected"),
    ("overturn", "decided", "overturned"),
)
_INTERVALS = (
    "Whiskers are 95 % Wilson intervals; a hollow mark stands for fewer than 20 cases and says "
    "little. Decisions of one chart belong together, so the true intervals are a little wider."
)


def work(frames: Frames, period: str) -> None:
    """How much was finished, and how long it took."""
    table = insights.throughput(frames.charts, period=period, most=NAMED)
    figure(
        "throughput",
        title="Charts finished, by who finished them",
        caption="A chart counts once, at its last finish, on the UTC day, week or month of it. The "
        "five coders with the most charts have a colour and a pattern each.",
        table=table,
        picture=drawing.stacked(table, value="charts", series="coder", y_title="charts"),
    )
    minutes = insights.time_per_chart(frames.charts)
    figure(
        "minutes",
        title="Active minutes on a chart",
        caption="The mark is the median, whiskers reach from the quarter to the three quarters of "
        "charts; behind each name stands how many charts. Time runs from the first to the last "
        "sign of life of whoever finished it; pauses over 15 minutes are left out. A hollow mark "
        "stands for fewer than 20 charts.",
        table=minutes,
        picture=drawing.spans(
            minutes, name="coder", low="p25", middle="median", high="p75", x_title="minutes"
        ),
    )


def decisions(frames: Frames) -> None:
    """How often suggestions were taken, and decisions did not hold."""
    st.caption(
        t(
            "Accepted and rejected: of the suggestions a coder decided on. Overturned: of "
            "all their decisions, added codes too, those that an adjudicator or an auditor "
            "changed. Most charts are never audited, so that share is a lower bound."
        )
    )
    _rates(frames, by="coder", title="Accepted, rejected, overturned: by coder")
    _rates(frames, by="checkpoint", title="Accepted, rejected, overturned: by checkpoint")
    _rates(frames, by="code", title="Accepted, rejected, overturned: the codes decided on most")


def _rates(frames: Frames, *, by: str, title: str) -> None:
    table = insights.rates(frames.decided, by=by)
    if by == "checkpoint":
        table["checkpoint"] = [label(frames, each) for each in table["checkpoint"]]
    named = table.head(LISTED).assign(
        name=[
            f"{name} ({decided:,})"
            for name, decided in table.head(LISTED)[[by, "decided"]].itertuples(index=False)
        ]
    )
    figure(
        f"rates-by-{by}",
        title=title,
        caption=f"Behind each name stands the number of decisions. {_INTERVALS}",
        table=table,
        picture=drawing.shares_by_name(named, name="name", panels=_PANELS),
    )
