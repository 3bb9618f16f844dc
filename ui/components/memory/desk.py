"""The memory page put together: search, list, the chosen phrase, and what may be changed."""

import streamlit as st

from ui.components.errors import problem as shown_problem
from ui.components.memory.adding import add_form
from ui.components.memory.listing import chosen_phrase, searched
from ui.components.memory.phrase import phrase_in_full
from ui.language import msgid, said, t
from ui.services.memory import Memory
from ui.services.rights import Action, Actor, may
from ui.services.tables import Tables
from ui.session import desk

WHAT = msgid(
    "Words that coders marked as evidence, and the codes they stand for. A decision changes "
    "memory at once, for the next note; taking the decision back takes it out again."
)
NOTHING = msgid(
    "Memory knows no phrase yet. Mark words of a note, accept or add a code with them, and they "
    "stand here."
)
NONE = msgid("The model in use has no phrase memory: it learns nothing from marked words.")


def memory_desk(service: Memory, tables: Tables, who: Actor, *, problem: str | None) -> None:
    """Draw the page. `problem`: why there is no usable model, if there is none."""
    st.caption(t(WHAT))
    if problem is not None:
        shown_problem(said(problem))
        return
    if not service.remembers():
        st.text(t(NONE))
        return
    if (told := desk().said) is not None:
        desk().said = None
        st.toast(told, icon=":material/check:")
    teaches = may(who, Action.TEACH)
    if teaches:
        with st.expander(t("Add a phrase of this site"), icon=":material/add:", key="memory-add"):
            add_form(service, tables, by=who.name)
    if not service.listing():
        st.text(t(NOTHING))
        return
    chosen = chosen_phrase(searched(service))
    if chosen is not None:
        phrase_in_full(service, chosen, who, teaches=teaches)
