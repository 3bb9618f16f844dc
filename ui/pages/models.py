"""Models: what was trained here, which one makes the suggestions, and how another is made."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.models import comparing, registry, shadowing, training
from ui.language import msgid, t
from ui.services.rights import Action, may
from ui.session import actor
from ui.workbench import workbench

TABS = (  # what is on the page: a title, and what draws it
    (msgid("In use"), registry),
    (msgid("Train"), training),
    (msgid("Compare"), comparing),
    (msgid("Shadow"), shadowing),
)

with shown_errors():
    if may(actor(), Action.TEACH):
        workbench().training.listing()  # a run that ended while nobody looked is a model by now
    st.subheader(t("Models"))
    for tab, (_, draw) in zip(st.tabs([t(title) for title, _ in TABS]), TABS, strict=True):
        with tab, shown_errors():
            draw()
