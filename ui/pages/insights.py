"""Insights: what was coded and how fast, how decisions held, how the model did, what changed."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.insights import chosen_section, draw
from ui.language import t
from ui.services.rights import Action, may
from ui.session import actor
from ui.workbench import analysing, drift, workbench

with shown_errors():
    st.subheader(t("Insights"))
    who, services = actor(), workbench()
    draw(
        chosen_section(),
        insights=services.insights,
        trials=services.trials,
        drift=drift(),
        analysing=analysing(),
        reveals_as=who.name if may(who, Action.ASSIGN) else None,
    )
