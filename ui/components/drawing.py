"""Drawing charts for audit: how, how many, and from which seed, so that it can be drawn again."""

import streamlit as st

from ui.language import msgid, said, t
from ui.services.audited import Audited
from ui.services.quality import Method, Quality

_HELP = {
    Method.RANDOM: msgid("Every chart has the same chance."),
    Method.BY_CODER: msgid(
        "Each coder gets places in proportion to their charts, and at least one."
    ),
    Method.BY_STATUS: msgid("Finished and unfinished charts in proportion, each at least one."),
    Method.BY_CHAPTER: msgid(
        "Each chapter of the principal or first code in proportion, at least one."
    ),
    Method.LOW_CONFIDENCE: msgid(
        "First the charts with an accepted code the model was least sure of."
    ),
    Method.CODERS_DIFFER: msgid(
        "First the charts on which two coders agreed least. Others are left out."
    ),
    Method.BRANCHES_DIFFER: msgid(
        "First the charts where a code and its category differ most in score."
    ),
}


def drawing(service: Quality, *, by: str) -> None:
    """Ask for a sample, draw it and say what was drawn."""
    st.caption(
        t(
            "The same method, size and seed on the same charts draw the same sample again. "
            "All three are kept with every audit."
        )
    )
    unfinished = st.checkbox(t("Also charts that are not finished"), key="draw-unfinished")
    with st.spinner(t("Looking at the charts…")):
        population = len(service.candidates(unfinished=unfinished))
    if not population:
        st.text(t("There is no chart to audit yet: none is finished and has a code."))
        return
    st.text(t("Charts to draw from: {population}", population=population))
    method = st.selectbox(
        t("How to draw"),
        list(Method),
        format_func=lambda each: said(each.value).capitalize(),
        key="draw-method",
        width=520,
    )
    method = method or Method.RANDOM
    st.caption(t(_HELP[method]))
    size, seed, go = st.columns([1, 1, 1], vertical_alignment="bottom")
    wanted = size.number_input(t("Charts"), 1, population, min(10, population), key="draw-size")
    lot = seed.number_input(t("Seed"), 0, 2**31 - 1, 1, key="draw-seed")
    if go.button(t("Draw the sample"), key="draw-do", type="primary", width="stretch"):
        drawn = service.draw(method, size=wanted, seed=lot, by=by, unfinished=unfinished)
        st.session_state["drawn"] = [each.id for each in drawn]
    _drawn(service)


def _drawn(service: Quality) -> None:
    ids = st.session_state.get("drawn")
    if ids is None:
        return
    if not ids:
        st.text(t("Nothing was drawn: this risk is known of no chart. Draw in another way."))
        return
    found: list[Audited] = [each for each in service.every() if each.audit.id in ids]
    first = found[0].audit
    st.text(
        t(
            "Drawn: {found} of {population} charts, {method}, seed {seed}. They stand under "
            "Audits.",
            found=len(found),
            population=first.population,
            method=said(first.method),
            seed=first.seed,
        )
    )
    st.dataframe(
        {
            t("Chart"): [each.note.name for each in found],
            t("Coder"): [each.coder for each in found],
            t("Why"): [each.audit.stratum or said(each.audit.method) for each in found],
        },
        hide_index=True,
        key="drawn-charts",
    )
