"""The Shadow tab: a candidate beside the model in use, on charts as they come in."""

from collections.abc import Mapping

import streamlit as st

from core.comparing import Place
from ui.components.figures import figures
from ui.components.models.choosing import model_name, sides
from ui.components.models.drawing import ranks
from ui.components.models.outcome import outcome
from ui.language import msgid, t
from ui.services.candidates import Candidate
from ui.services.rights import Action, may
from ui.services.shadowing import Report, Shadowing
from ui.services.tabular import Columns
from ui.session import actor
from ui.workbench import workbench

WORDS = (msgid("accepted"), msgid("added"), msgid("rejected"))


def shadowing() -> None:
    """Draw the tab."""
    service = workbench().shadowing
    st.caption(
        t(
            "A shadow scores every chart that coders open, silently: nobody sees its list, and "
            "nobody waits for it. Its list is held against what coders decide."
        )
    )
    there = service.candidates()
    in_use = next((each for each in there if each.in_use), None)
    others = [each for each in there if not each.in_use]
    if in_use is None or not others:
        st.text(
            t(
                "There is no model beside the one in use. A lead trains one on the Train tab; "
                "then it can run here as a shadow."
            )
        )
        return
    candidate = _chosen(service, others)
    with st.spinner(t("Counting finished charts…")):
        state = service.state(in_use=in_use.checkpoint, candidate=candidate.checkpoint)
        report = _report(service, state, in_use.checkpoint, candidate.checkpoint)
    _draw(report, in_use, candidate)


def _chosen(service: Shadowing, others: list[Candidate]) -> Candidate:
    """The candidate that is looked at; a lead starts and stops it."""
    of = {each.checkpoint: each for each in others}
    shadow = next((each for each in others if each.shadow), None)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("Candidate"),
        list(of),
        index=others.index(shadow) if shadow is not None else 0,
        format_func=lambda checkpoint: model_name(of[checkpoint]),
        key="shadow-candidate",
    )
    candidate = of[chosen]
    who = actor()
    if not may(who, Action.TEACH):
        return candidate
    if candidate.shadow:
        if right.button(t("Stop"), key="shadow-stop", icon=":material/stop:", width="stretch"):
            service.stop(by=who.name)
            st.rerun()
    elif right.button(
        t("Run as shadow"), key="shadow-start", icon=":material/contrast:", width="stretch"
    ):
        service.start(candidate.checkpoint, by=who.name)
        st.rerun()
    return candidate


@st.cache_resource(max_entries=4, show_spinner=False)
def _report(
    _service: Shadowing,
    state: str,  # noqa: ARG001  (the cache's key)
    in_use: str,
    candidate: str,
) -> Report:
    """The same report while `state` is the same; nobody changes it."""
    return _service.report(in_use=in_use, candidate=candidate)


def _draw(report: Report, in_use: Candidate, candidate: Candidate) -> None:
    if not report.scored:
        st.text(
            t(
                "This candidate has scored no chart beside the model in use yet. As a shadow it "
                "scores every chart that is opened from then on."
            )
        )
        return
    st.text(
        t(
            "Both scored {scored} charts: {finished} are finished and counted, {unfinished} are "
            "not finished yet, {trial} are on trial and left out.",
            scored=report.scored,
            finished=report.scored - report.on_trial - report.unfinished,
            unfinished=report.unfinished,
            trial=report.on_trial,
        )
    )
    st.text(
        t(
            "Coders saw the list of model A and never that of model B. People follow what they "
            "see, so this favours A."
        )
    )
    if report.apart:
        st.text(
            t(
                "On {apart} of these charts one model knew decisions that the other did not yet.",
                apart=report.apart,
            )
        )
    if not report.places:
        return
    names = sides(model_name(in_use), model_name(candidate))
    _places(report, names)
    outcome(report.comparison, names=names, tables=workbench().tables, key="shadow")


def _places(report: Report, names: Mapping[str, str]) -> None:
    st.subheader(t("Where the codes stood that coders decided on"), anchor=False)
    st.plotly_chart(
        ranks(report.places, names),
        config={"displaylogo": False},
        key="shadow-ranks",
        alt=t("The mean place of codes in both lists; the table below has them all."),
    )
    st.caption(
        t(
            "Accepted and added codes stand best at the top, rejected ones at the bottom. A code "
            "that is not listed counts as one place behind the last of the 50 that are kept."
        )
    )
    figures(
        _columns(report.places),
        key="shadow-places",
        file_name="evicode-shadow.csv",
        config={
            **dict.fromkeys(("Place A", "Place B"), st.column_config.NumberColumn(format="%.1f")),
            **dict.fromkeys(
                ("B minus A", "from", "to"), st.column_config.NumberColumn(format="%+.2f")
            ),
            **dict.fromkeys(
                ("In the first 5, A", "In the first 5, B"),
                st.column_config.NumberColumn(format="percent"),
            ),
        },
    )


def _columns(places: tuple[Place, ...]) -> Columns:
    return {
        msgid("Decision"): [t(each.kind) for each in places],
        msgid("Codes"): [each.codes for each in places],
        msgid("Notes"): [each.notes for each in places],
        msgid("Place A"): [each.rank_a for each in places],
        msgid("Place B"): [each.rank_b for each in places],
        msgid("B minus A"): [each.difference for each in places],
        msgid("from"): [each.low for each in places],
        msgid("to"): [each.high for each in places],
        msgid("In the first 5, A"): [each.first_a for each in places],
        msgid("In the first 5, B"): [each.first_b for each in places],
        msgid("Not listed, A"): [each.unlisted_a for each in places],
        msgid("Not listed, B"): [each.unlisted_b for each in places],
    }
