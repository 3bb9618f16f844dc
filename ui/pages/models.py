"""Models: taught by what coders decided."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.models.training import training
from ui.language import t

with shown_errors():
    st.subheader(t("Models"))
    training()
