"""Export: the coders' decisions as a file, and what will be in it."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.export_form import export_form
from ui.language import t
from ui.services.rights import Action, may
from ui.session import actor, desk
from ui.workbench import workbench

with shown_errors():
    st.subheader(t("Export"))
    words = may(actor(), Action.EXPORT_TEXT)
    export_form(workbench().exporting, desk(), with_text=words)
