"""The table of notes: status, counts, filter; a click on a line opens its chart."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from ui.language import msgid, t
from ui.services.charts import Status
from ui.services.intake import InboxRow

_SHOWN = {
    Status.NEW: msgid("○ new"),
    Status.IN_PROGRESS: msgid("◐ in progress"),
    Status.DONE: msgid("● done"),
}

AT_ONCE = 16  # notes; a longer list scrolls


def note_table(rows: Sequence[InboxRow]) -> int | None:
    """Draw the notes; the id of the one the coder opened, or None."""
    totals = Counter(row.status for row in rows)
    labels = {status: f"{t(_SHOWN[status])} ({totals[status]})" for status in Status}
    left, middle, right = st.columns([5, 4, 2], vertical_alignment="bottom")
    wanted = left.pills(
        t("Status"),
        list(Status),
        format_func=labels.__getitem__,
        key="inbox-status",
        label_visibility="collapsed",
    )
    words = middle.text_input(
        t("Filter"),
        key="inbox-filter",
        placeholder=t("Filter by name"),
        label_visibility="collapsed",
    )
    waiting = next((row for row in rows if row.status is not Status.DONE), None)
    if right.button(
        t("Open the next note"),
        key="open-next",
        type="primary",
        width="stretch",
        disabled=not waiting,
    ):
        return waiting.note_id if waiting else None
    found = [
        row
        for row in rows
        if wanted in (None, row.status) and (words or "").lower() in row.name.lower()
    ]
    if not found:
        st.text(t("No note matches.") if rows else t("The inbox is empty. Upload a note above."))
        return None
    return _table(found)


def _table(rows: Sequence[InboxRow]) -> int | None:
    event = st.dataframe(
        {
            t("Note"): [row.name for row in rows],
            t("Status"): [t(_SHOWN[row.status]) for row in rows],
            t("Accepted"): [row.accepted for row in rows],
            t("Added"): [row.added for row in rows],
            t("Rejected"): [row.rejected for row in rows],
            t("Characters"): [row.characters for row in rows],
            t("Last change"): [row.changed_at for row in rows],
        },
        hide_index=True,
        key="inbox-notes",
        on_select="rerun",
        selection_mode="single-cell",
        height="content" if len(rows) <= AT_ONCE else 600,
        column_config={
            t("Note"): st.column_config.TextColumn(width="large"),
            t("Last change"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
    )
    chosen = event["selection"]["cells"]
    return rows[chosen[0][0]].note_id if chosen else None
