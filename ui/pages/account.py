"""Account: one's own password, and logging out everywhere."""

import streamlit as st

from ui.components.account_form import log_out_everywhere, password_form
from ui.components.errors import shown_errors
from ui.language import said, t
from ui.session import actor

with shown_errors():
    st.subheader(t("Account"))
    st.text(f"{actor().name}, {said(actor().role or '')}")
    password_form()
    log_out_everywhere()
