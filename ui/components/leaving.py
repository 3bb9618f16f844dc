"""Leaving for the login page: at once, or when nobody has worked here for the idle limit."""

from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.identity import idle_seconds, now
from ui.language import t

_SCRIPT = """
export default ({ data }) => {
  const leave = () => {
    const back = window.location.pathname + window.location.search;
    window.location.assign("/login?next=" + encodeURIComponent(back));
  };
  const timer = setTimeout(leave, data.seconds * 1000);
  return () => clearTimeout(timer);
};
"""
_SLACK = 2  # seconds; the server's limit has passed when the browser asks


def leave() -> None:
    """Go to the login page now. What was on the page is gone from it."""
    st.text(t("You are not logged in. Going to the login page…"))
    _leaving()(key="leave", data={"seconds": 0})


def leave_when_idle() -> None:
    """Go to the login page once the idle limit is over. Every run of the page starts it anew."""
    seconds = idle_seconds() + _SLACK
    _leaving()(key="leave-when-idle", data={"seconds": seconds, "at": str(now())})


@cache
def _leaving() -> ComponentRenderer:
    return st.components.v2.component("evicode_leaving", js=_SCRIPT)
