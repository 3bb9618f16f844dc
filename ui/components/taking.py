"""Taking charts: keeping the one that is open, and going on to the next.

With accounts a chart is one coder's at a time; in single-user mode nothing of that is in the way.
"""

import streamlit as st

from ui.identity import now
from ui.services.worklist import RENEWED_EVERY, Pass, Work
from ui.session import CODING_PASS, NOTE, coder_name, desk, open_note, open_pass
from ui.workbench import workbench


def open_work() -> Work | None:
    """The coding of a note that the address names, or None."""
    note_id = open_note()
    return None if note_id is None else Work(note_id=note_id, coding_pass=open_pass())


def last_work() -> Work | None:
    """The chart that was open last in this browser session, or None."""
    last = desk().opened_for
    if last is None or last[1] != coder_name():
        return None
    return Work(note_id=last[0], coding_pass=last[2])


def hold(work: Work) -> None:
    """Take the chart as it is opened; with every action, at most once a minute, keep it.

    Conflict, naming who and since when, if another has it.
    """
    here, at = desk(), now()
    if here.held is not None and here.held[0] == work and at - here.held[1] < RENEWED_EVERY:
        return
    here.held = None
    workbench().worklist.open(work, coder=coder_name())
    here.held = (work, at)


def forget_held() -> None:
    """Ask anew who has the open chart: it was let go of, handed over or freed."""
    desk().held = None


def take_next(after: Work | None = None) -> Work | None:
    """The next chart by the worklist in its order, taken; None if there is none for this coder."""
    return workbench().worklist.next(coder=coder_name(), after=after, order=desk().order)


def address_of(work: Work) -> dict[str, str]:
    """The query parameters of the review page that open this chart."""
    named = {NOTE: str(work.note_id)}
    if work.coding_pass is Pass.SECOND:
        named[CODING_PASS] = work.coding_pass.value
    return named


def put_in_address(work: Work) -> None:
    """Let the address name this chart and its coding."""
    st.query_params[NOTE] = str(work.note_id)
    if work.coding_pass is Pass.SECOND:
        st.query_params[CODING_PASS] = work.coding_pass.value
    elif CODING_PASS in st.query_params:
        del st.query_params[CODING_PASS]
