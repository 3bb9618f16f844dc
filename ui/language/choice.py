"""Which language a session speaks: chosen in the sidebar, kept by the browser, else its own."""

from collections.abc import Mapping

import streamlit as st

from ui.language.catalogue import ENGLISH, LANGUAGES

FIELD = "language"  # key of the choice
COOKIE = "evicode_language"  # what the browser keeps of it


def language() -> str:
    """The language of whoever is at this browser: a key of LANGUAGES."""
    if not st.runtime.exists():
        return ENGLISH
    chosen = st.session_state.get(FIELD) or st.context.cookies.get(COOKIE)
    return str(chosen) if chosen in LANGUAGES else preferred(st.context.locale)


def preferred(locale: str | None) -> str:
    """The language of a locale ("es-MX"), or English where there is none of it."""
    found = (locale or "").replace("_", "-").split("-")[0].lower()
    return found if found in LANGUAGES else ENGLISH


def of_request(cookies: Mapping[str, str], accept_language: str) -> str:
    """The language of a page that is not Streamlit's, by what comes with the request."""
    kept = cookies.get(COOKIE)
    return (
        kept
        if kept is not None and kept in LANGUAGES
        else preferred(accept_language.split(",")[0].split(";")[0])
    )


def choose_language() -> None:
    """The field to choose in. What was typed and opened stays when the language changes."""
    st.session_state.setdefault(FIELD, language())
    st.selectbox("Language · Idioma", list(LANGUAGES), key=FIELD, format_func=LANGUAGES.__getitem__)
