"""Inbox: notes come in here, and every chart shows how far it is."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.note_table import note_table
from ui.components.uploading import last_upload, preview, uploader
from ui.session import NOTE, coder_name, desk, workbench

with shown_errors():
    intake = workbench().intake
    uploader(intake, desk())
    preview(intake, desk(), by=coder_name())
    last_upload(desk().received)
    chosen = note_table(intake.listing())
    if chosen is not None:
        st.switch_page("ui/pages/review.py", query_params={NOTE: str(chosen)})
