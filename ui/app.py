"""What every visit runs: who is there, which pages they are offered, and the page they want."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.errors import LoggedOff
from ui.components.answering import findings_to_answer
from ui.components.guide import guide
from ui.components.leaving import leave, leave_when_idle
from ui.identity import is_alone, is_served, log_out
from ui.language import choose_language, msgid, said, t
from ui.services.rights import Action, Actor, may
from ui.session import CODER, LONGEST_NAME, actor, remember_coder

HERE = Path(__file__).parent


ALONE = msgid("Single-user mode: no accounts, and only this computer reaches the app.")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A page, and the right that opens it. None: everybody with an account has it."""

    page: str
    icon: str
    needs: Action | None


OFFERS = (  # the first that somebody may open is where they start
    Offer(page="inbox", icon=":material/inbox:", needs=Action.READ),
    Offer(page="review", icon=":material/rate_review:", needs=Action.CODE),
    Offer(page="audit", icon=":material/fact_check:", needs=Action.AUDIT),
    Offer(page="compare", icon=":material/compare_arrows:", needs=Action.AUDIT),
    Offer(page="quality", icon=":material/checklist:", needs=Action.READ),
    Offer(page="history", icon=":material/history:", needs=Action.AUDIT),
    Offer(page="memory", icon=":material/psychology:", needs=Action.READ),
    Offer(page="insights", icon=":material/insights:", needs=Action.AUDIT),
    Offer(page="models", icon=":material/model_training:", needs=Action.AUDIT),
    Offer(page="export", icon=":material/download:", needs=Action.EXPORT),
    Offer(page="people", icon=":material/group:", needs=Action.MANAGE_ACCOUNTS),
    Offer(page="health", icon=":material/monitor_heart:", needs=Action.OPERATE),
    Offer(page="account", icon=":material/person:", needs=None),
)


def offered(who: Actor) -> list[Offer]:
    """The pages this actor may open. A page that is left out is not found by its address either."""
    return [
        offer
        for offer in OFFERS
        if (may(who, offer.needs) if offer.needs is not None else who.role is not None)
    ]


def show() -> None:
    """Draw the page that is wanted, or lead to the login."""
    st.set_page_config(
        page_title="Evicode", page_icon="📋", layout="wide", initial_sidebar_state="collapsed"
    )
    st.logo(str(HERE / "components" / "evicode.svg"), size="large")
    try:
        if is_alone():
            remember_coder()
        who = actor()
    except LoggedOff:
        leave()
        st.stop()
    page = st.navigation(
        [
            st.Page(
                HERE / "pages" / f"{offer.page}.py",
                title=t(offer.page.capitalize()),
                icon=offer.icon,
                default=place == 0,
            )
            for place, offer in enumerate(offered(who))
        ],
        position="top",
    )
    _sidebar(who)
    pages = [offer.page for offer in offered(who)]
    if is_served():  # in a test without a browser there is nobody to help
        with st.sidebar:  # where it takes no room on the page
            guide(page.url_path or pages[0], offered=pages)
    if page.url_path == "" and may(who, Action.CODE):  # where they start
        findings_to_answer(who)
    page.run()
    if who.role is None and page.url_path == "":  # where everybody starts
        st.caption(t(ALONE))


def _sidebar(who: Actor) -> None:
    with st.sidebar:
        choose_language()
        if who.role is None:
            st.text_input(
                t("Coder"),
                max_chars=LONGEST_NAME,
                key=CODER,
                help=t("Recorded with every decision you make."),
            )
            return
        st.text(f"{who.name}\n{said(who.role)}")
        st.button(t("Log out"), key="log-out", icon=":material/logout:", on_click=log_out)
        leave_when_idle()
