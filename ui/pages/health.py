"""Health: how the server is doing, with checking the audit trail and writing a backup by hand."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.health import conditions, errors, logged_in, speed, to_look_at
from ui.language import t
from ui.session import actor
from ui.workbench import workbench

with shown_errors():
    st.subheader(t("Health"))
    health, by = workbench().health, actor().name
    report = health.look()
    to_look_at(report)
    conditions(health, report, by=by)
    logged_in(report)
    speed(report)
    errors(report)
