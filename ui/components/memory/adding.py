"""Adding a phrase of the site's own: an abbreviation that stands for a code here."""

import streamlit as st

from ui.components.code_picker import code_picker
from ui.components.errors import shown_errors
from ui.language import LANGUAGES, t
from ui.services.memory import LANGUAGES as SPOKEN
from ui.services.memory import LONGEST_PHRASE, LONGEST_REASON, Memory
from ui.services.tables import Tables
from ui.session import desk


def add_form(service: Memory, tables: Tables, *, by: str) -> None:
    """Ask for phrase, code, language and reason; it holds from the next note on."""
    st.caption(
        t(
            "For words that stand for a code here, like a local abbreviation. They count as if "
            "they were marked in one note, and decisions make them count for more or less."
        )
    )
    round_ = st.session_state.get("memory-added", 0)  # empties the fields once one is added
    words = st.text_input(
        t("Phrase"),
        key=f"memory-words-{round_}",
        max_chars=LONGEST_PHRASE,
        placeholder=t("As it stands in notes"),
    )
    code = code_picker(tables, t("Code"), key=f"memory-code-{round_}")
    spoken, why = st.columns([1, 3])
    language = spoken.segmented_control(
        t("Language"),
        list(SPOKEN),
        key=f"memory-language-{round_}",
        format_func=LANGUAGES.__getitem__,
        default=SPOKEN[0],
        required=True,
    )
    reason = why.text_input(
        t("Reason"),
        key=f"memory-why-{round_}",
        max_chars=LONGEST_REASON,
        placeholder=t("Why, and nothing of a patient"),
    )
    if st.button(t("Add"), key="memory-add-it", type="primary", disabled=code is None):
        with shown_errors():
            if code is not None:
                service.add(words, code, language=language or "en", reason=reason, by=by)
            st.session_state["memory-added"] = round_ + 1
            desk().said = t("Added. It holds from the next note on.")
            st.rerun()
