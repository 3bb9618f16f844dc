"""What somebody may do on the quality page: audits, draws and cards, or one's own findings."""

import streamlit as st

from ui.components.answering import own_findings
from ui.components.audit_list import audit_list, scorecards
from ui.components.drawing import drawing
from ui.language import msgid, t
from ui.services.quality import Quality
from ui.services.rights import Action, Actor, may
from ui.session import AUDIT

AUDITS, DRAW = msgid("Audits"), msgid("Draw a sample")
CARDS, MINE = msgid("Scorecards"), msgid("Your findings")


def quality_desk(service: Quality, who: Actor) -> None:
    """Draw the view that was chosen among those that the role has."""
    views = [AUDITS, DRAW, CARDS] if may(who, Action.AUDIT) else []
    views += [MINE] if may(who, Action.CODE) else []
    view = views[0]
    if len(views) > 1:
        view = _view(views)
    if view == AUDITS and (chosen := audit_list(service)) is not None:
        st.query_params[AUDIT] = str(chosen)
        st.rerun()
    elif view == DRAW:
        drawing(service, by=who.name)
    elif view == CARDS:
        scorecards(service)
    elif view == MINE:
        own_findings(service, coder=who.name)


def _view(views: list[str]) -> str:
    chosen = st.segmented_control(
        t("Show"),
        views,
        key="quality-view",
        format_func=t,
        default=views[0],
        required=True,
        label_visibility="collapsed",
    )
    return chosen or views[0]
