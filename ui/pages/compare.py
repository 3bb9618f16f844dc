"""Compare: charts that two coders coded, how they agree, and settling what they differ in."""

import streamlit as st

from ui.components.adjudicating import adjudication
from ui.components.agreement import overview
from ui.components.errors import shown_errors
from ui.language import t
from ui.session import NOTE, actor, open_note
from ui.workbench import workbench

with shown_errors():
    st.subheader(t("Compare"))
    service, note_id = workbench().double_coding, open_note()
    if note_id is not None:
        adjudication(service, note_id, by=actor().name)
    elif (chosen := overview(service, workbench().tables)) is not None:
        st.query_params[NOTE] = str(chosen)
        st.rerun()
