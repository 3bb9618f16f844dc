"""Trials against automation bias: how far each coder follows the list, and what is running."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.metrics.shares import with_interval
from ui.components.insights import drawing
from ui.components.insights.figure import figure
from ui.language import msgid, said, t
from ui.services.trials import OnTrial, Reliance, Trials

_TOLD = "trial-told"  # what the last reveal said


def trial_figures(trials: Trials, *, reveals_as: str | None) -> None:
    """Reliance per coder, every trial, and telling a coder what was wrong on purpose."""
    every = trials.every()
    if not every:
        st.text(
            t(
                "No chart is on trial. A lead starts one on the worklist: a first list without "
                "suggestions, or a suggestion that is wrong on purpose."
            )
        )
        return
    found = [trials.reliance(coder=coder) for coder in sorted({each.coder for each in every})]
    _seeded(found)
    _blind_first(found)
    _listing(every)
    if reveals_as is not None:
        _reveal(trials, every, by=reveals_as)


def _seeded(found: Sequence[Reliance]) -> None:
    rows = [(each.coder, each.seeded, each.seeded_accepted) for each in found if each.seeded]
    table = pd.DataFrame(rows, columns=["coder", "shown", "accepted"])
    table = with_interval(table, hits="accepted", of="shown", share="share")
    named = table.assign(
        name=[f"{who} ({n})" for who, n in zip(table["coder"], table["shown"], strict=True)]
    )
    figure(
        "trials-seeded",
        title=t("Wrong suggestions that were accepted"),
        caption=t(
            "Of the suggestions planted on purpose that a coder saw, the share they accepted, "
            "over their finished charts; behind each name stands how many. Whiskers "
            "are 95 % Wilson intervals; a hollow mark stands for fewer than 20 and says little. A "
            "coder who reads before accepting is at 0 %."
        ),
        table=table,
        picture=drawing.shares_by_name(
            named, name="name", panels=[("share", "shown", msgid("accepted though wrong"))]
        ),
    )


def _blind_first(found: Sequence[Reliance]) -> None:
    rows = [
        (each.coder, each.blind_charts, each.first_codes, each.added, each.removed,
         each.changed_share)
        for each in found
        if each.blind_charts
    ]  # fmt: skip
    columns = ["coder", "charts", "first_codes", "added", "removed", "changed_share"]
    figure(
        "trials-blind-first",
        title=t("What coders changed after they saw the list"),
        caption=t(
            "Finished charts whose coder first made a list without suggestions: the codes on "
            "those lists, and the codes added and removed once suggestions were shown. "
            "changed_share: added and removed over the codes of the first lists. Changes "
            "can be corrections: an audit tells which."
        ),
        table=pd.DataFrame(rows, columns=columns),
        picture=None,
    )


def _listing(every: Sequence[OnTrial]) -> None:
    st.subheader(t("Charts on trial"), anchor=False)
    st.dataframe(
        {
            t("Note"): [each.note for each in every],
            t("Coder"): [each.coder for each in every],
            t("First list without suggestions"): [each.blind_first for each in every],
            t("A suggestion may be wrong"): [each.seeded for each in every],
            t("One was shown"): [each.planted for each in every],
            t("How far"): [said(each.reached.value) for each in every],
            t("Started by"): [each.by for each in every],
            t("Started"): [each.started_at for each in every],
        },
        hide_index=True,
        key="trials-every",
        column_config={t("Started"): st.column_config.DatetimeColumn(format="YYYY-MM-DD")},
    )


def _reveal(trials: Trials, every: Sequence[OnTrial], *, by: str) -> None:
    """Offer to tell coders of finished charts; the chart on trial is over by that."""
    st.subheader(t("Tell a coder what was wrong on purpose"), anchor=False)
    ready = {f"{each.note_id} {each.coder}": each for each in every if each.can_be_revealed}
    if ready:
        with st.form("trial-reveal", border=False):
            chosen = st.selectbox(
                t("Finished chart"),
                list(ready),
                format_func=lambda which: f"{ready[which].note}, {ready[which].coder}",
                key="trial-which",
            )
            st.caption(t("Its coder sees it in the chart, and a decision on it is taken back."))
            wanted = st.form_submit_button(t("Reveal it"), key="trial-reveal-it")
        if wanted and chosen is not None:
            which = ready[chosen]
            told = trials.reveal(which.note_id, coder=which.coder, by=by)
            st.session_state[_TOLD] = [
                f"{each.code}: {said(each.action.value) if each.action else t('not decided on')}"
                for each in told
            ]
            st.rerun()
    else:
        st.text(t("No finished chart waits for it."))
    for line in st.session_state.pop(_TOLD, []):
        st.text(t("Revealed. {line}", line=line))
