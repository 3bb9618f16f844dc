"""Export: the coders' decisions as a file, and what will be in it."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.export_form import export_form, preview
from ui.session import workbench

with shown_errors():
    exporting = workbench().exporting
    st.subheader("Export")
    preview(exporting.preview())
    export_form(exporting)
