"""What coders did: charts finished, time on a chart, what became of suggestions and decisions."""

import streamlit as st

from core.metrics import insights
from ui.components.insights import drawing
from ui.components.insights.choosing import label
from ui.components.insights.figure import figure
from ui.language import msgid, t
from ui.services.insights import Frames

NAMED = 5  # coders with a colour of their own
LISTED = 20  # codes in the picture; the table has all
_PANELS = (
    ("acceptance", "suggestions", msgid("accepted")),
    ("rejection", "suggestions", msgid("rejected")),
    ("overturn", "decided", msgid("overturned")),
)
_INTERVALS = msgid(
    "Whiskers are 95 % Wilson intervals; a hollow mark stands for fewer than 20 cases and says "
    "little. Decisions of one chart belong together, so the true intervals are a little wider."
)


def work(frames: Frames, period: str) -> None:
    """How much was finished, and how long it took."""
    table = insights.throughput(frames.charts, period=period, most=NAMED)
    figure(
        "throughput",
        title=t("Charts finished, by who finished them"),
        caption=t(
            "A chart counts once, at its last finish, on the UTC day, week or month of it. The "
            "five coders with the most charts have a colour and a pattern each."
        ),
        table=table,
        picture=drawing.stacked(table, value="charts", series="coder", y_title=t("charts")),
    )
    minutes = insights.time_per_chart(frames.charts)
    figure(
        "minutes",
        title=t("Active minutes on a chart"),
        caption=t(
            "The mark is the median, whiskers reach from the quarter to the three quarters of "
            "charts; behind each name stands how many charts. Time runs from the first to the last "
            "sign of life of whoever finished it; pauses over 15 minutes are left out. A hollow "
            "mark stands for fewer than 20 charts."
        ),
        table=minutes,
        picture=drawing.spans(
            minutes, name="coder", low="p25", middle="median", high="p75", x_title=t("minutes")
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
    _rates(frames, by="coder", title=t("Accepted, rejected, overturned: by coder"))
    by_checkpoint = t("Accepted, rejected, overturned: by checkpoint")
    _rates(frames, by="checkpoint", title=by_checkpoint)
    by_code = t("Accepted, rejected, overturned: the codes decided on most")
    _rates(frames, by="code", title=by_code)


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
        caption=" ".join((t("Behind each name stands the number of decisions."), t(_INTERVALS))),
        table=table,
        picture=drawing.shares_by_name(named, name="name", panels=_PANELS),
    )
