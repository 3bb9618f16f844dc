"""A past decision as its coder saw it, and beside it what the model says now."""

import streamlit as st

from ui.components.figures import headed
from ui.components.quotes import Column, quotes
from ui.language import msgid, said, t
from ui.services.grounds import Ground, passages
from ui.services.history import AsShown, Coder, History
from ui.services.methods import name as method_name
from ui.services.then_and_now import beside, facts, listed, same_words
from ui.services.wording import ACTIONS, moment
from ui.session import CODE, DECISION, NOTE

SCORE = st.column_config.NumberColumn(format="%.3f")
NOTHING = msgid("No suggestions were on the screen: the code was added without a list.")


def as_shown(service: History, decision_id: int, *, by: str, coder: Coder | None) -> None:
    """Draw the decision, the list it was made on, the evidence, and how that compares with now."""
    top, back = st.columns([6, 1.4], vertical_alignment="center")
    if back.button(
        t("Back to the timeline"), key="history-back", icon=":material/arrow_back:", width="stretch"
    ):
        st.query_params.pop(DECISION, None)
        st.rerun()
    shown = service.as_shown(decision_id, by=by)
    st.query_params[NOTE] = str(shown.note.id)
    top.text(_head(shown))
    left, right = st.columns([3, 4], gap="medium")
    with left:
        _evidence(shown)
    with right:
        _record(shown)
    if shown.screen is not None:
        _lists(service, shown, coder)


def _head(shown: AsShown) -> str:
    made = shown.decision
    what = said(ACTIONS[made.action]).capitalize()
    why = f": {said(made.reason)}" if made.reason else ""
    when = t(
        "{coder}, {at} ({coding} coding)",
        coder=made.coder,
        at=moment(made.decided_at),
        coding=said(made.coding_pass.value),
    )
    return f"{shown.note.name}\n{made.code} · {made.title}\n{what}{why}. {when}"


def _record(shown: AsShown) -> None:
    found = facts(shown)
    if not found:
        st.text(t(NOTHING))
        return
    st.dataframe(
        {t("On record"): [*map(said, found)], t("As shown"): [*map(said, found.values())]},
        hide_index=True,
        key="shown-facts",
        height="content",
        column_config={t("As shown"): st.column_config.TextColumn(width="large")},
    )


def _evidence(shown: AsShown) -> None:
    """The words that were marked, and the evidence that was on the screen for any code of it."""
    own = shown.decision.suggestion_id or 0  # 0: no suggestion was decided on
    suggestions = () if shown.screen is None else shown.screen.suggestions
    names = {own: str(shown.decision.code)}
    names |= {e.id: str(e.suggestion.code) for e in suggestions if e.id in shown.evidence}
    chosen = own
    if len(names) > 1:
        chosen = st.selectbox(
            t("Evidence that was on the screen"),
            list(names),
            format_func=names.__getitem__,
            key=f"shown-evidence-{shown.decision.id}",
        )
    found = shown.evidence.get(chosen, ())
    last = found[-1] if found else None
    whole = st.toggle(t("Whole note"), key="shown-whole")
    ground = Ground(
        marked=shown.decision.evidence if chosen == own else (),
        shown=last.spans if last else (),
        method=last.method if last else "",
    )
    lines = []
    if last is not None:
        lines = [
            t(
                "{method}, shown {at}",
                method=said(method_name(last.method)),
                at=moment(last.shown_at),
            )
        ]
        told = shown.said.get(last.id)
        lines.append(
            said(told.sentences) if told else t("Nothing was said of how far to trust it by then.")
        )
    found_there = passages(shown.note.text, ground, whole=whole)
    column = Column(
        name=names[chosen],
        lines=lines,
        passages=found_there,
        empty="" if found_there else t("Nothing was marked, and no evidence was on the screen."),
    )
    quotes([column], key="shown-quotes", language=shown.note.language)
    st.page_link(
        "ui/pages/audit.py",
        label=t("Evidence by every method"),
        icon=":material/fact_check:",
        query_params={NOTE: str(shown.note.id), CODE: str(shown.decision.code)},
    )


def _lists(service: History, shown: AsShown, coder: Coder | None) -> None:
    if coder is None:
        st.text(t("There is no model at hand, so nothing can be compared with now."))
    elif st.toggle(t("Compare with now"), key="shown-compare"):
        with st.spinner(t("Reading the note with the model of now…")):
            found = service.compare(shown, coder)
        if found is not None:
            st.text(said(same_words(found)))
            st.dataframe(
                headed(beside(found), cells=("Change",)),
                hide_index=True,
                key="shown-beside",
                height="content",
                placeholder="–",
                column_config={t("Score then"): SCORE, t("Score now"): SCORE},
            )
        return
    st.dataframe(
        headed(listed(shown), cells=(" ", "Likely", "Proposed by", "Spoken of as")),
        hide_index=True,
        key="shown-list",
        height="content",
        column_config={t("Score"): SCORE, " ": st.column_config.TextColumn(width=95)},
    )
