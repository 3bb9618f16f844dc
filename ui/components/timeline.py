"""The timeline of a chart: everything that happened, filtered, and the way to each decision."""

from collections.abc import Sequence

import streamlit as st

from ui.language import msgid, said, t
from ui.services.history import Event, History
from ui.services.intake import InboxRow
from ui.services.rights import Action, may
from ui.services.wording import moment
from ui.session import DECISION, NOTE, actor, open_note

CHART = "history-note"


EVERYBODY = msgid("Everybody")
EVERYTHING = msgid("Everything")
DECISIONS = msgid("Decisions only")
ALL_CODINGS = msgid("All codings")


def chosen_chart(rows: Sequence[InboxRow]) -> int | None:
    """The chart in the address, or chosen here; None: none yet, and why is said."""
    if not rows:
        st.text(t("There is no chart yet. Upload a note in the inbox first."))
        st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")
        return None
    names = {str(row.note_id): f"{row.name} · {said(row.status.value)}" for row in rows}
    asked = str(open_note())
    shown = asked if asked in names else None
    if st.session_state.get(CHART) != shown:
        st.session_state[CHART] = shown
    st.selectbox(
        t("Chart"),
        list(names),
        format_func=lambda name: names.get(name, name),
        key=CHART,
        index=None if shown is None else 0,
        placeholder=t("Choose a chart"),
        on_change=_turn_to_chart,
    )
    if shown is None:
        st.text(t("Choose a chart to see everything that happened to it, and what was shown."))
        return None
    return int(shown)


def _turn_to_chart() -> None:
    st.query_params[NOTE] = st.session_state[CHART] or ""
    st.query_params.pop(DECISION, None)


def timeline(service: History, note_id: int) -> None:
    """Draw the events that pass the filters; a click on a decision opens it."""
    who = actor()
    events = service.timeline(note_id, by=who.name)
    found = _filtered(events)
    st.caption(t("Click a line with a decision number to open that decision as it was shown."))
    at = _table(found)
    texts = may(who, Action.EXPORT_TEXT)
    st.download_button(
        t("Download the whole timeline as CSV"),
        lambda: service.file(note_id, by=who.name, comments=texts),
        file_name=f"timeline-{note_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="history-csv",
        on_click="ignore",
        help=None if texts else t("Without comments: they may quote the note."),
    )
    if at is not None and at < len(found) and (decision := found[at].decision) is not None:
        st.query_params[DECISION] = str(decision)
        st.rerun()


def _filtered(events: Sequence[Event]) -> list[Event]:
    who, what, coding = st.columns(3)
    people = sorted({each.by for each in events})
    passes = sorted({str(each.coding_pass) for each in events if each.coding_pass})
    person = who.selectbox(t("Who"), [EVERYBODY, *people], format_func=_named, key="history-who")
    kind = what.selectbox(t("What"), [EVERYTHING, DECISIONS], format_func=t, key="history-what")
    of = coding.selectbox(t("Coding"), [ALL_CODINGS, *passes], format_func=said, key="history-pass")
    return [
        each
        for each in events
        if person in (EVERYBODY, each.by)
        and (kind == EVERYTHING or each.decision is not None)
        and of in (ALL_CODINGS, str(each.coding_pass))
    ]


def _named(person: str) -> str:
    return t(person) if person == EVERYBODY else person


def _table(events: Sequence[Event]) -> int | None:
    if not events:
        st.text(t("Nothing passes these filters."))
        return None
    event = st.dataframe(
        {
            t("When"): [moment(each.at) for each in events],
            t("Who"): [each.by for each in events],
            t("What"): [said(each.what) for each in events],
            t("Code"): ["" if each.code is None else str(each.code) for each in events],
            t("Coding"): [said(str(each.coding_pass or "")) for each in events],
            t("Decision"): [each.decision for each in events],
            t("In their words"): [each.comment for each in events],
        },
        hide_index=True,
        key="history-events",
        height="content" if len(events) <= 16 else 600,
        placeholder="",
        on_select="rerun",
        selection_mode="single-cell",
        column_config={t("What"): st.column_config.TextColumn(width="large")},
    )
    cells = event["selection"]["cells"]
    return cells[0][0] if cells else None
