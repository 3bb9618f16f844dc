"""Memory: every phrase it learned, the decisions behind each, and edits by hand."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.memory import memory_desk
from ui.language import t
from ui.session import actor
from ui.workbench import memory, model, workbench

with shown_errors():
    st.subheader(t("Memory"))
    memory_desk(memory(), workbench().tables, actor(), problem=model().problem)
