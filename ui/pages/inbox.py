"""Inbox: notes come in here, and every chart shows how far it is."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.note_table import note_table
from ui.components.uploading import last_upload, preview, uploader
from ui.services.rights import Action, may
from ui.session import NOTE, actor, desk
from ui.workbench import workbench

with shown_errors():
    intake, who = workbench().intake, actor()
    if may(who, Action.UPLOAD):
        uploader(intake, desk())
        preview(intake, desk(), by=who.name)
        last_upload(desk().received)
    chosen = note_table(intake.listing())
    if chosen is not None and may(who, Action.CODE):
        st.switch_page("ui/pages/review.py", query_params={NOTE: str(chosen)})
    elif chosen is not None and may(who, Action.AUDIT):
        st.switch_page("ui/pages/audit.py", query_params={NOTE: str(chosen)})
