"""Review: one note with its evidence beside its codes."""

import streamlit as st

from ui.components.errors import problem, shown_errors
from ui.components.review_board import review_board
from ui.components.reviewing import board_data, receive
from ui.language import t
from ui.session import BOARD, NOTE, coder_name, desk, open_note, remember_coverage
from ui.workbench import model

with shown_errors():
    note_id = open_note() or model().coding.first_note()
    leaving, desk().leave_to = desk().leave_to, None
    if leaving == "inbox":
        st.switch_page("ui/pages/inbox.py")
    elif note_id is None:
        problem(t("The inbox is empty. Upload a note there first."))
        st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")
    else:
        st.query_params[NOTE] = str(note_id)
        data = board_data(note_id, coder=coder_name())
        remember_coverage()
        review_board(data, key=BOARD, on_message=receive)
