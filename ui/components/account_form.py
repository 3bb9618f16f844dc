"""What everybody can do with their own account: change the password, log out everywhere."""

import streamlit as st

from core.errors import BadInput
from ui.identity import change_password, log_out
from ui.language import t
from ui.services.logins import Limits


def password_form() -> None:
    """Ask for the old password and twice for the new one, and change it."""
    with st.form("password", clear_on_submit=True, width=480):
        st.text(t("Change the password. Your other browsers are logged off."))
        st.caption(t("12 characters or more, such as a few words that do not belong together."))
        old = st.text_input(t("Old password"), type="password", key="password-old")
        new = st.text_input(t("New password"), type="password", key="password-new")
        again = st.text_input(t("New password again"), type="password", key="password-again")
        wanted = st.form_submit_button(t("Change the password"), key="password-change")
    if not wanted:
        return
    if new != again:
        raise BadInput("the two new passwords differ; type the same one twice")
    change_password(old=old, new=new)
    st.success(t("The password is changed."), icon=":material/check:")


def log_out_everywhere() -> None:
    """A button that ends every login of this account."""
    limits = Limits.chosen()
    st.text(
        t(
            "A browser is logged off after {seconds} minutes without work, and {seconds_2} "
            "hours after logging in.",
            seconds=limits.idle.seconds // 60,
            seconds_2=limits.absolute.seconds // 3600,
        )
    )
    st.button(
        t("Log out everywhere"),
        key="log-out-everywhere",
        icon=":material/devices:",
        help=t("Also in browsers you left open elsewhere."),
        on_click=log_out,
        kwargs={"everywhere": True},
    )
