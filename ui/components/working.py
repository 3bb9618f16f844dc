"""The worklist on its page: the next chart, the filters, the actions, and the table."""

from collections.abc import Sequence

import streamlit as st

from core.errors import EvicodeError
from ui.components.errors import problem
from ui.components.taking import address_of, hold, take_next
from ui.components.teaching import benefits_of, choose_order, how_far, would_teach
from ui.components.worklist_actions import marked_actions, may_mark
from ui.components.worklist_filters import filtered
from ui.components.worklist_table import asked, worklist_table
from ui.identity import is_alone
from ui.language import msgid, said, t
from ui.services.rights import Action, Actor, may
from ui.services.worklist import CLAIM_LASTS, CODINGS, Order, Work, WorkRow
from ui.session import NOTE, desk
from ui.workbench import workbench

TABLE = "worklist"
MINUTES = int(CLAIM_LASTS.total_seconds() // 60)
CLAIMS = msgid(
    "A chart you open is yours alone until {minutes} minutes after your last action in it. After "
    "that others can take it; what you decided is kept."
)
NEXT = {
    Order.URGENT: msgid("Takes the most urgent chart that is free: yours first, then the oldest."),
    Order.LEARNING: msgid(
        "Takes the most urgent chart that is free: yours first, then the one that teaches most."
    ),
}
NOTHING_YET = msgid("No chart is here for you yet. Upload notes, or ask your lead for charts.")
NOTHING_LEFT = msgid("No chart is free for you: the rest are done, or others have them.")


def worklist(rows: Sequence[WorkRow], who: Actor) -> None:
    """Draw it all; leave for a chart when one is to be opened."""
    _say()
    if not rows:
        st.text(t(NOTHING_YET))
        return
    opened = asked(TABLE).opened
    if opened is not None:
        _open(opened, who)
    found = filtered(rows, me=who.name, claims=not is_alone())
    known = benefits_of(desk().order)
    with st.container(horizontal=True, vertical_alignment="center"):
        if may(who, Action.CODE):
            _next_button()
        choose_order()
        if may_mark(who):
            marked_actions([row for row in found if row.work in asked(TABLE).marked], who)
    if not found:
        st.text(t("No chart matches. Take a filter off to see more."))
    worklist_table(
        found,
        key=TABLE,
        me=who.name,
        claims=not is_alone(),
        marks=may_mark(who),
        teaches=None if known is None else lambda row: would_teach(row, known),
    )
    if known is not None:
        how_far(found, known)
    if may(who, Action.CODE) and not is_alone():
        st.caption(t(CLAIMS, minutes=MINUTES))


def listed(who: Actor) -> Sequence[WorkRow]:
    """All of the list for whoever looks over it; for a coder nothing that would unblind them."""
    service, order = workbench().worklist, desk().order
    if may(who, Action.AUDIT) and not is_alone():
        return [row for row in service.rows(order=order) if row.work.coding_pass in CODINGS]
    return service.listing(coder=who.name, order=order)


def _open(work: Work, who: Actor) -> None:
    """Leave for the chart; stay, and say who has it, if it cannot be opened."""
    if not may(who, Action.CODE):
        st.switch_page("ui/pages/audit.py", query_params={NOTE: str(work.note_id)})
    try:
        hold(work)
    except EvicodeError as error:
        problem(said(str(error)))
    else:
        st.switch_page("ui/pages/review.py", query_params=address_of(work))


def _next_button() -> None:
    if not st.button(
        t("Next chart"),
        key="next-chart",
        type="primary",
        shortcut="N",
        help=t(NEXT[desk().order]),
    ):
        return
    work = take_next()
    if work is None:
        problem(t(NOTHING_LEFT))
    else:
        st.switch_page("ui/pages/review.py", query_params=address_of(work))


def _say() -> None:
    """What the last action did, or why it did nothing; once."""
    here = desk()
    if here.problem is not None:
        problem(said(here.problem))
    if here.said is not None:
        st.toast(here.said, icon=":material/check:")
    here.problem = here.said = None
