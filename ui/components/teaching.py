"""What a chart would teach, in plain words, and the choice to code first what teaches most."""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from ui.language import msgid, nt, t
from ui.services.benefits import Benefit, Kind
from ui.services.worklist import Order, Pass, Status, WorkRow
from ui.session import desk, remember_order
from ui.workbench import model

KEY = "inbox-order"
ORDERS = {
    Order.URGENT: msgid("Oldest first"),
    Order.LEARNING: msgid("Most to learn first"),
}
HELP = msgid(
    "What comes first among equally urgent charts. The model learns most from charts with codes "
    "nobody has decided on yet, words it has not met, and codes it is unsure of."
)


def choose_order() -> None:
    """Draw the choice; what is chosen holds for the next chart too, and stays in the address."""
    remember_order(desk().order)
    st.segmented_control(
        t("Order"),
        list(ORDERS),
        default=desk().order,
        required=True,
        format_func=lambda each: t(ORDERS[each]),
        key=KEY,
        label_visibility="collapsed",
        help=t(HELP),
        on_change=_chosen,
    )


def _chosen() -> None:
    """Before the page runs again: it reads the list before it draws the choice."""
    remember_order(Order(st.session_state[KEY]))


def benefits_of(order: Order) -> Mapping[int, Benefit] | None:
    """What is known so far of what charts would teach; None if the list is not by that."""
    if order is not Order.LEARNING:
        return None
    service = model().benefits
    return {} if service is None else service.look()


def how_far(rows: Sequence[WorkRow], known: Mapping[int, Benefit]) -> None:
    """Say how many of these charts it is known of, while it is not known of all."""
    if model().benefits is None:
        st.caption(t("Without a model that learns, nobody knows what a chart would teach."))
        return
    new = [row.work.note_id for row in rows if may_teach(row)]
    count = sum(note in known for note in new)
    if count < len(new):
        st.caption(
            t(
                "What {count} of {all} new charts would teach is known so far. The rest are being "
                "read, and find their place as you go on.",
                count=count,
                all=len(new),
            )
        )


def may_teach(row: WorkRow) -> bool:
    """Whether the line is of a chart nobody began, which alone is read for what it would teach."""
    return row.work.coding_pass is Pass.FIRST and row.status is Status.NEW


def would_teach(row: WorkRow, known: Mapping[int, Benefit]) -> str:
    """Why a line stands where it stands."""
    if not may_teach(row):
        return ""
    benefit = known.get(row.work.note_id)
    if benefit is None:
        return t("not yet known")
    return " · ".join(_reasons(benefit.counts)) or t("little that is new")


def _reasons(counts: Mapping[Kind, int]) -> Iterator[str]:
    if count := counts.get(Kind.UNDECIDED):
        yield nt(
            "{count} code nobody has decided on yet",
            "{count} codes nobody has decided on yet",
            count,
        )
    if count := counts.get(Kind.WORD):
        yield nt("{count} new word", "{count} new words", count)
    if count := counts.get(Kind.UNSURE):
        yield nt("unsure of {count} code", "unsure of {count} codes", count)
    if count := counts.get(Kind.RARE):
        yield nt("{count} rare code", "{count} rare codes", count)
    if count := counts.get(Kind.DISPUTED):
        yield nt(
            "codes and categories disagree {count} time",
            "codes and categories disagree {count} times",
            count,
        )
