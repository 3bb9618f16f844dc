"""Choosing a chart and a code of it. The address says which are open; the fields write into it."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import EvicodeError
from core.types import Code
from ui.components.errors import problem
from ui.language import msgid, said, t
from ui.services.auditable import ListedCode, State, code_named
from ui.services.auditing import Auditing
from ui.services.intake import InboxRow
from ui.session import CODE, NOTE, open_note

NOTE_FIELD, CODE_FIELD = "audit-note", "audit-code"
_STATES = {
    State.OPEN: msgid("○ open"),
    State.ACCEPTED: msgid("✓ accepted"),
    State.REJECTED: msgid("✕ rejected"),
    State.ADDED: msgid("＋ added"),
}


def chosen(rows: Sequence[InboxRow], service: Auditing) -> tuple[int, Code] | None:
    """The note and the code in the address, or chosen here; None: none yet, and why is said."""
    if not rows:
        problem(t("There is no chart yet. Upload a note in the inbox first."))
        st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")
        return None
    charts, codes, back, forth = st.columns([6, 8, 1.6, 1.6], vertical_alignment="bottom")
    note_id = _note(charts, rows)
    listed: Sequence[ListedCode] = ()
    if note_id is not None:
        with st.spinner(t("Reading the chart…")):
            listed = service.codes(note_id)
    code, why = _code_in_address(listed)
    names = {str(each.code): _named(each) for each in listed}
    if code is not None:
        names.setdefault(str(code), t("{code} · on no list of this chart", code=code))
    shown = None if code is None else str(code)
    words = (t("Code"), t("Choose a code"))
    _field(codes, words, CODE_FIELD, names, shown, _turn_to_code)
    _neighbours(back, forth, list(names), code)
    if note_id is None:
        asked = st.query_params.get(NOTE)
        st.text(t("Choose a chart to see its codes, and the evidence for each."))
        if asked:
            problem(t("There is no such note here. Choose a chart above."))
        return None
    if code is None:
        nothing = t("This chart has no codes: nobody decided on any, and none is suggested.")
        problem(why or nothing)
        return None
    return note_id, code


def _note(place: DeltaGenerator, rows: Sequence[InboxRow]) -> int | None:
    names = {str(row.note_id): f"{row.name} · {said(row.status)}" for row in rows}
    asked = open_note()
    known = str(asked) if str(asked) in names else None
    words = (t("Chart"), t("Choose a chart"))
    _field(place, words, NOTE_FIELD, names, known, _turn_to_note)
    return None if known is None else asked


def _code_in_address(listed: Sequence[ListedCode]) -> tuple[Code | None, str | None]:
    """The code to show, or why there is none; the first of the chart where none is named."""
    name = st.query_params.get(CODE)
    if not name:
        return (listed[0].code if listed else None), None
    try:
        return code_named(name), None
    except EvicodeError as error:
        return None, said(str(error))


def _field(
    place: DeltaGenerator,
    words: tuple[str, str],  # its label, and what it says while it is empty
    key: str,
    names: Mapping[str, str],
    shown: str | None,
    turn: Callable[[], None],
) -> None:
    """A field that shows what the address says and changes the address."""
    if st.session_state.get(key) != shown:
        st.session_state[key] = shown
    place.selectbox(
        words[0],
        list(names),
        format_func=lambda name: names.get(name, name),
        key=key,
        index=None if shown is None else 0,  # None would let it be emptied
        placeholder=words[1],
        disabled=not names,
        on_change=turn,
    )


def _neighbours(
    back: DeltaGenerator, forth: DeltaGenerator, names: Sequence[str], code: Code | None
) -> None:
    """Buttons, with keys as on the review page, that turn to the code before and after."""
    at = names.index(str(code)) if code is not None else -1
    before = names[at - 1] if at > 0 else None
    after = names[at + 1] if at >= 0 and at + 1 < len(names) else None
    for place, label, key, shortcut, name in (
        (back, t("Previous"), "audit-previous", "K", before),
        (forth, t("Next"), "audit-next", "J", after),
    ):
        place.button(
            label,
            key=key,
            shortcut=shortcut,
            width="stretch",
            disabled=name is None,
            on_click=_turn_to,
            args=(name,),
        )


def _turn_to_note() -> None:
    st.query_params[NOTE] = st.session_state[NOTE_FIELD] or ""
    st.query_params.pop(CODE, None)


def _turn_to_code() -> None:
    _turn_to(st.session_state[CODE_FIELD])


def _turn_to(name: str | None) -> None:
    if name:
        st.query_params[CODE] = name


def _named(listed: ListedCode) -> str:
    score = "" if listed.probability is None else f" · {listed.probability:.2f}"
    return f"{t(_STATES[listed.state])} · {listed.code.code} {listed.title}{score}"
