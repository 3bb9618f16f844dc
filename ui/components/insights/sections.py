"""The sections of the insights page: which figures stand in each."""

import streamlit as st

from ui.components.insights.choosing import Chosen, Section, chosen
from ui.components.insights.coding import decisions, work
from ui.components.insights.drifting import drift_figures
from ui.components.insights.judging import model_figures
from ui.components.insights.papers import paper_figures
from ui.components.insights.trials import trial_figures
from ui.language import t
from ui.services.analysing import Analysing
from ui.services.drift import Drift
from ui.services.insights import Frames, Insights
from ui.services.trials import Trials

_OF_CHARTS = (Section.WORK, Section.DECISIONS, Section.MODEL)


def draw(
    section: Section,
    *,
    insights: Insights,
    trials: Trials,
    drift: Drift,
    analysing: Analysing | None,
    reveals_as: str | None,
) -> None:
    """Draw a section. reveals_as: who may end a trial, or None."""
    if section is Section.TRIALS:
        trial_figures(trials, reveals_as=reveals_as)
        return
    with st.spinner(t("Counting finished charts…")):
        frames = _frames(insights, insights.state())
    if section is Section.PAPERS:
        paper_figures(analysing, frames)
        return
    asked = chosen(frames, section)
    found = frames.of(asked.charts)
    if section is Section.DRIFT:
        drift_figures(drift, found, asked)
    elif found.charts.empty:
        _empty(frames)
    else:
        _of_charts(section, found, asked)


def _of_charts(section: Section, found: Frames, asked: Chosen) -> None:
    st.text(t("Finished charts in view: {charts}", charts=len(found.charts)))
    if section is Section.WORK:
        work(found, asked.period)
    elif section is Section.DECISIONS:
        decisions(found)
    else:
        model_figures(found, asked.period)


@st.cache_resource(max_entries=2, show_spinner=False)
def _frames(
    _insights: Insights,
    state: str,  # noqa: ARG001  (the cache's key)
) -> Frames:
    """The same frames while `state` is the same; nobody changes them."""
    return _insights.frames()


def _empty(frames: Frames) -> None:
    """Say what to do next."""
    if len(frames.charts):
        st.text(t("No finished chart is as chosen above. Widen the dates, or choose everybody."))
        return
    st.text(
        t(
            "No chart is finished yet. Figures appear here as soon as a coder finishes one "
            "on the review page."
        )
    )
    st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")
