"""Which charts the worklist shows: by status, priority, whose they are, coding, and name."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from ui.language import msgid, t
from ui.services.worklist import Filter, Pass, Priority, Status, WorkRow

V = TypeVar("V", bound=Hashable)

STATUSES = {
    Status.NEW: msgid("○ new"),
    Status.IN_PROGRESS: msgid("◐ in progress"),
    Status.DONE: msgid("● done"),
}
PRIORITIES = {
    Priority.URGENT: msgid("▲▲ urgent"),
    Priority.HIGH: msgid("▲ high"),
    Priority.NORMAL: msgid("· normal"),
    Priority.LOW: msgid("▽ low"),
}
CODINGS = {Pass.FIRST: msgid("first coding"), Pass.SECOND: msgid("second coding")}


class Whose(StrEnum):
    """Whose charts to show."""

    ASSIGNED = msgid("assigned to me")
    HELD = msgid("open with me")
    FREE = msgid("free")


def filtered(rows: Sequence[WorkRow], *, me: str, claims: bool) -> list[WorkRow]:
    """Draw the filters with how many charts each would show; the lines that pass all of them."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        words = st.text_input(
            t("Filter"),
            key="inbox-filter",
            placeholder=t("Filter by name"),
            label_visibility="collapsed",
            width=260,
            persist_state="session",
        )
        of_status = _pills(msgid("Status"), STATUSES, [row.status for row in rows])
        urgency = _pills(msgid("Priority"), PRIORITIES, [row.priority for row in rows])
        whose = _whose(rows, me) if claims else None
        passes = [row.work.coding_pass for row in rows]
        again = Pass.SECOND in passes
        coding = _pills(msgid("Coding"), CODINGS, passes) if again else None
    wanted = Filter(
        statuses=frozenset(Status) if of_status is None else frozenset({of_status}),
        coding_passes=frozenset(Pass) if coding is None else frozenset({coding}),
        name=words or "",
    )
    wanted = wanted if whose is None else _by_whose(wanted, whose, me)
    return [row for row in rows if wanted.takes(row) and urgency in (None, row.priority)]


def _whose(rows: Sequence[WorkRow], me: str) -> Whose | None:
    found = [each for each in Whose for row in rows if _by_whose(Filter(), each, me).takes(row)]
    return _pills(msgid("Whose"), {each: each.value for each in Whose}, found)


def _by_whose(wanted: Filter, whose: Whose, me: str) -> Filter:
    match whose:
        case Whose.ASSIGNED:
            return replace(wanted, assigned_to=me)
        case Whose.HELD:
            return replace(wanted, claimed_by=me)
        case Whose.FREE:
            return replace(wanted, free_for=me)


def _pills(name: str, options: Mapping[V, str], found: Sequence[V]) -> V | None:
    counts = Counter(found)
    shown: Callable[[V], str] = lambda each: f"{t(options[each])} ({counts[each]:,})"  # noqa: E731
    return st.pills(
        t(name),
        list(options),
        format_func=shown,
        key=f"inbox-{name.lower()}",
        label_visibility="collapsed",
        persist_state="session",
    )
