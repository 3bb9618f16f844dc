"""Review: one note with its evidence beside its codes."""

import streamlit as st

from core.errors import Conflict
from ui.components.begun import begun_before
from ui.components.errors import problem, shown_errors
from ui.components.review_board import review_board
from ui.components.reviewing import board_data, receive
from ui.components.taking import hold, last_work, open_work, put_in_address, take_next
from ui.language import said, t
from ui.services.worklist import Pass
from ui.session import BOARD, coder_name, desk, remember_coverage


def _to_the_inbox() -> None:
    st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")


with shown_errors():
    work = open_work() or last_work() or take_next()
    leaving, desk().leave_to = desk().leave_to, None
    if leaving == "inbox":
        st.switch_page("ui/pages/inbox.py")
    elif work is None:
        problem(t("No chart waits for you. Look through the inbox, or upload notes there."))
        _to_the_inbox()
    else:
        put_in_address(work)
        try:
            hold(work)
        except Conflict as conflict:
            problem(said(str(conflict)))
            _to_the_inbox()
            st.stop()
        data = board_data(work.note_id, coder=coder_name())
        remember_coverage()
        review_board(data, key=BOARD, on_message=receive)
        if work.coding_pass is Pass.FIRST:
            begun_before(data["note"]["status"])
