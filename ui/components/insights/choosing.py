"""What the insights page looks at: which section, which charts, over which periods."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import streamlit as st

from ui.language import msgid, t
from ui.services.insights import Frames, Wanted, wanted


class Section(StrEnum):
    """A part of the page: only the one that is open is computed."""

    WORK = msgid("Work")
    DECISIONS = msgid("Decisions")
    MODEL = msgid("Model")
    DRIFT = msgid("Drift")
    TRIALS = msgid("Trials")
    PAPERS = msgid("Papers")


_PERIODS = {"D": msgid("Day"), "W": msgid("Week"), "MS": msgid("Month")}
_USUAL = {Section.WORK: "D", Section.MODEL: "MS", Section.DRIFT: "MS"}  # sections over time


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was chosen."""

    charts: Wanted
    first: date | None
    last: date | None
    period: str


def chosen_section() -> Section:
    """The section that is open."""
    section = st.segmented_control(
        t("Section"),
        list(Section),
        format_func=lambda each: t(each.value),
        default=Section.WORK,
        required=True,
        key="insights-section",
        label_visibility="collapsed",
    )
    return Section(section)


def chosen(frames: Frames, section: Section) -> Chosen:
    """Ask which charts, in one row that is the same for every section."""
    columns = st.columns(5)
    first = columns[0].date_input(t("From (UTC)"), None, key="insights-since")
    last = columns[1].date_input(t("To (UTC)"), None, key="insights-until")
    coders = sorted(frames.charts["coder"].unique())
    incoming = section is Section.DRIFT
    coder = columns[2].selectbox(
        t("Coder"),
        ["", *coders],
        key="insights-coder",
        format_func=lambda who: who or t("Everybody"),
    )
    checkpoint = columns[3].selectbox(
        t("Checkpoint"),
        ["", *frames.checkpoints],
        key="insights-checkpoint",
        format_func=lambda found: label(frames, found) if found else t("Any"),
    )
    period = columns[4].selectbox(
        t("One point for each"),
        list(_PERIODS),
        index=list(_PERIODS).index(_USUAL.get(section, "MS")),
        format_func=lambda each: t(_PERIODS[each]),
        key=f"insights-period-{section}",
        disabled=section not in _USUAL,
    )
    if incoming and (coder or checkpoint):
        st.caption(
            t("Coder and checkpoint choose finished charts; notes that come in have neither.")
        )
    first, last = _day(first), _day(last)
    charts = wanted(first=first, last=last, coder=coder or None, checkpoint=checkpoint or None)
    return Chosen(charts=charts, first=first, last=last, period=period or "MS")


def label(frames: Frames, checkpoint: str) -> str:
    """A checkpoint by its name and the beginning of its hash."""
    if not checkpoint:
        return t("no list")
    return f"{frames.checkpoints.get(checkpoint, '')} · {checkpoint[:8]}"


def _day(found: object) -> date | None:
    return found if isinstance(found, date) else None
