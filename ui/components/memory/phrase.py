"""One phrase in full: the decisions it came from, what was changed by hand, and the switch."""

from collections.abc import Sequence

import streamlit as st

from ui.components.errors import shown_errors
from ui.language import msgid, nt, said, t
from ui.services.memory import (
    LONGEST_REASON,
    Ground,
    Grounds,
    Memory,
    Phrase,
    PhraseEvent,
)
from ui.services.rights import Action, Actor, may
from ui.services.wording import moment
from ui.session import DECISION, NOTE, desk

SHIPPED = msgid(
    "Shipped with the model: {count} coded notes that the model was trained on marked it. They "
    "are not in this database."
)
NOBODY = msgid("No decision that stands here is behind this phrase.")
OFF = msgid("Switched off: the phrase does not speak for this code, however often it is marked.")
STATES = {
    "accept": msgid("✓ accepted"),
    "add": msgid("+ added"),
    "reject": msgid("✕ rejected"),
}
CARRIED = msgid(  # as `db.phrases` says it
    "still off: the note that its words were taken from was deleted, another holds them"
)
CHANGES = {
    "off": msgid("switched off"),
    "on": msgid("switched on"),
    "add": msgid("added by hand"),
}


def phrase_in_full(service: Memory, phrase: Phrase, who: Actor, *, teaches: bool) -> None:
    """Draw the chosen phrase; with the right to teach, what can be changed."""
    with st.container(border=True):
        st.text(f"{phrase.words} → {phrase.code} {phrase.title}")
        if phrase.off:
            st.text(f"✕ {t(OFF)}")
        if phrase.shipped:
            st.caption(t(SHIPPED, count=phrase.marked - phrase.here))
        _grounds(service.grounds(phrase, by=who.name), who)
        events = service.events(phrase)
        _changes(events)
        if teaches:
            _switch(service, phrase, events, by=who.name)


def _grounds(found: Grounds, who: Actor) -> None:
    if not found.lines:
        st.text(t(NOBODY))
    else:
        chosen = _table(found.lines)
        if chosen is not None:
            _links(chosen, who)
    if found.more:
        count = found.more
        st.caption(nt("{count} older decision", "{count} older decisions", count))
    if found.hidden:
        hidden = msgid("Not shown: {count} on charts that you are still to code yourself.")
        st.caption(t(hidden, count=found.hidden))


def _table(lines: Sequence[Ground]) -> Ground | None:
    event = st.dataframe(
        {
            t("When"): [moment(each.at) for each in lines],
            t("Who"): [each.coder for each in lines],
            t("Chart"): [each.note for each in lines],
            t("Decision"): [t(STATES[each.action.value]) for each in lines],
            t("Phrase"): [
                t("marked") if each.marked else t("found") if each.stood else t("did not stand")
                for each in lines
            ],
            t("In the note"): [each.passage for each in lines],
        },
        hide_index=True,
        key=f"memory-grounds-{hash(tuple(each.decision_id for each in lines))}",
        height="content" if len(lines) <= 8 else 320,
        on_select="rerun",
        selection_mode="single-row",
        column_config={t("In the note"): st.column_config.TextColumn(width="large")},
    )
    rows = event["selection"]["rows"]
    return lines[rows[0]] if rows and rows[0] < len(lines) else None


def _links(ground: Ground, who: Actor) -> None:
    chart, past, _ = st.columns([2, 2, 4])
    note = {NOTE: str(ground.note_id)}
    if may(who, Action.CODE):
        chart.page_link(
            "ui/pages/review.py",
            label=t("Open the chart"),
            icon=":material/rate_review:",
            query_params=note,
        )
    if may(who, Action.AUDIT):
        past.page_link(
            "ui/pages/history.py",
            label=t("Open the decision as it was shown"),
            icon=":material/history:",
            query_params={**note, DECISION: str(ground.decision_id)},
        )


def _changes(events: Sequence[PhraseEvent]) -> None:
    for each in events:
        change = t(
            "{when}: {what} by {who}",
            when=moment(each.at),
            what=t(CHANGES[each.action.value]),
            who=each.by,
        )
        st.text(f"{change} · {said(each.reason)}")


def _switch(service: Memory, phrase: Phrase, events: Sequence[PhraseEvent], *, by: str) -> None:
    name = hash((phrase.key, str(phrase.code), len(events)))
    with st.form(f"memory-switch-{name}", border=False):
        reason = st.text_input(
            t("Reason"),
            key=f"memory-reason-{name}",
            max_chars=LONGEST_REASON,
            placeholder=t("Why, and nothing of a patient"),
        )
        label = t("Switch on again") if phrase.off else t("Switch off for this code")
        if st.form_submit_button(label, key=f"memory-do-{name}"):
            with shown_errors():
                service.switch(phrase, on=phrase.off, reason=reason, by=by)
                _done(t("Switched on.") if phrase.off else t("Switched off."))
    if events and st.button(
        t("Undo the last change"), key=f"memory-undo-{name}", icon=":material/undo:"
    ):
        with shown_errors():
            service.undo(events[-1], by=by)
            _done(t("Taken back."))


def _done(what: str) -> None:
    desk().said = what
    st.rerun()
