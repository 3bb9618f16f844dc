"""History: everything that happened to a chart, and any decision as it was shown."""

import streamlit as st

from ui.components.as_shown import as_shown
from ui.components.errors import shown_errors
from ui.components.timeline import chosen_chart, timeline
from ui.language import t
from ui.session import DECISION, actor, number_in_address
from ui.workbench import model, workbench

with shown_errors():
    st.subheader(t("History"))
    history, decision = workbench().history, number_in_address(DECISION)
    if decision is not None:
        as_shown(history, decision, by=actor().name, coder=model().coding.coder)
    elif (note_id := chosen_chart(workbench().intake.listing())) is not None:
        timeline(history, note_id)
