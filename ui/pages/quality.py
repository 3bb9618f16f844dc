"""Quality: audits drawn, judged and answered, and what they say of each coder."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.quality_desk import quality_desk
from ui.components.worksheet import audit_worksheet
from ui.language import t
from ui.services.rights import Action, may
from ui.session import AUDIT, actor, number_in_address
from ui.workbench import workbench

with shown_errors():
    st.subheader(t("Quality"))
    who, quality, audit_id = actor(), workbench().quality, number_in_address(AUDIT)
    if audit_id is not None and may(who, Action.AUDIT):
        audit_worksheet(quality, workbench().tables, audit_id, by=who.name)
    else:
        quality_desk(quality, who)
