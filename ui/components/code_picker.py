"""A field to find a code by a code or by words."""

import streamlit as st

from core.types import Code
from ui.language import t
from ui.services.search import find
from ui.services.tables import Tables


def code_picker(tables: Tables, label: str, *, key: str) -> Code | None:
    """Ask for a code; None until one was found."""
    query = st.text_input(
        label, key=f"{key}-query", placeholder=t("Code or words, like K35 or fever")
    )
    found = {str(each.code): each for each in find(tables, query)}
    if query.strip() and not found:
        st.text(t("No code matches. Try other words, or the first letters of the code."))
    hit = f"{key}-hit"
    if st.session_state.get(hit) not in found:  # what matched before matches no longer
        st.session_state[hit] = next(iter(found), None)
    chosen = st.selectbox(
        t("Matches"),
        list(found),
        format_func=lambda name: f"{name} · {found[name].title}" if name in found else name,
        key=hit,
        disabled=not found,
        placeholder=t("No match yet"),
        label_visibility="collapsed",
    )
    return found[chosen].code if chosen in found else None
