"""Models: two of them compared, and one as a shadow beside the one in use."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.models.comparing import comparing
from ui.components.models.shadowing import shadowing
from ui.language import t

with shown_errors():
    st.subheader(t("Models"))
    compare, shadow = st.tabs([t("Compare"), t("Shadow")])
    with compare:
        comparing()
    with shadow:
        shadowing()
