"""The list of phrases: searched, in pages, and one of them chosen."""

from collections.abc import Sequence

import streamlit as st

from ui.language import LANGUAGES, msgid, nt, said, t
from ui.services.memory import Kind, Memory, Phrase

PAGE = 200  # phrases in a table; more would be felt
SEARCH, KIND, NUMBER, CHOSEN = "memory-search", "memory-kind", "memory-page", "memory-chosen"
ON, OFF, ANY = msgid("on"), msgid("✕ off"), msgid("any")
SOURCES = (  # what `Phrase.source` and `Kind` say
    *(msgid("shipped"), msgid("this site"), msgid("shipped and this site")),
    *(msgid("added by hand"), msgid("no longer marked")),
    *(msgid("All"), msgid("Learned here"), msgid("Added by hand"), msgid("Switched off")),
)
Name = tuple[str, tuple[str, ...], str]  # of a phrase: language, stems, code


def name_of(phrase: Phrase) -> Name:
    """What a phrase is found by again after memory has changed."""
    return phrase.language, phrase.key, str(phrase.code)


def searched(service: Memory) -> Sequence[Phrase]:
    """Draw the search and the filter; the phrases that pass."""
    words, kinds = st.columns([3, 4], vertical_alignment="bottom")
    search = words.text_input(
        t("Search"), key=SEARCH, placeholder=t("Words, a code or its title"), on_change=_first_page
    )
    kind = kinds.segmented_control(
        t("Show"),
        list(Kind),
        key=KIND,
        format_func=lambda each: said(each.value),
        default=Kind.ALL,
        required=True,
        label_visibility="collapsed",
        on_change=_first_page,
    )
    return service.listing(search=search or "", kind=kind or Kind.ALL)


def chosen_phrase(lines: Sequence[Phrase]) -> Phrase | None:
    """Draw a page of the list; the phrase that was chosen in it, or None and what to do."""
    if not lines:
        st.text(t("No phrase matches. Try fewer words, or another filter."))
        return None
    first = _turned(len(lines))
    page = lines[first : first + PAGE]
    at = _table(page, first)
    if at is not None and at < len(page):
        st.session_state[CHOSEN] = name_of(page[at])
    chosen = next((e for e in lines if name_of(e) == st.session_state.get(CHOSEN)), None)
    if chosen is None:
        st.text(t("Choose a line to see the decisions behind a phrase."))
    return chosen


def _first_page() -> None:
    st.session_state[NUMBER] = 0


def _turned(count: int) -> int:
    """Draw the way through the pages; the place of the first phrase of the one that is open."""
    pages = -(-count // PAGE)
    number = min(int(st.session_state.get(NUMBER, 0)), pages - 1)
    st.session_state[NUMBER] = number
    first = number * PAGE
    if pages == 1:
        st.caption(nt("{count} phrase", "{count} phrases", count))
        return first
    text, back, forth = st.columns([6, 1, 1], vertical_alignment="center")
    last = min(count, first + PAGE)
    text.caption(t("Phrases {first} to {last} of {count}", first=first + 1, last=last, count=count))
    back.button(
        t("Previous"),
        key="memory-back",
        disabled=number == 0,
        on_click=_turn,
        args=(-1,),
        width="stretch",
    )
    forth.button(
        t("Next"),
        key="memory-forth",
        disabled=number == pages - 1,
        on_click=_turn,
        args=(1,),
        width="stretch",
    )
    return first


def _turn(by: int) -> None:
    st.session_state[NUMBER] = int(st.session_state.get(NUMBER, 0)) + by


def _table(page: Sequence[Phrase], first: int) -> int | None:
    names = [name_of(each) for each in page]
    event = st.dataframe(
        {
            t("Phrase"): [each.words for each in page],
            t("Code"): [str(each.code) for each in page],
            t("Title"): [each.title for each in page],
            t("Language"): [LANGUAGES.get(each.language, t(ANY)) for each in page],
            t("Marked"): [each.marked for each in page],
            t("Found"): [each.found for each in page],
            t("Stood"): [each.stood for each in page],
            t("From"): [said(each.source) for each in page],
            t("State"): [t(OFF if each.off else ON) for each in page],
        },
        hide_index=True,
        # another list is another table: a choice by place would fall on another phrase
        key=f"memory-table-{first}-{hash(tuple(names))}",
        height="content" if len(page) <= 10 else 390,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            t("Phrase"): st.column_config.TextColumn(width="medium"),
            t("Code"): st.column_config.TextColumn(width=150),
            t("Title"): st.column_config.TextColumn(width="large"),
            t("Marked"): st.column_config.NumberColumn(
                help=t("Notes in which somebody marked the phrase for this code")
            ),
            t("Found"): st.column_config.NumberColumn(
                help=t("Coded notes that hold the phrase, marked or not")
            ),
            t("Stood"): st.column_config.NumberColumn(
                help=t("Of these, notes that carry this code")
            ),
        },
    )
    rows = event["selection"]["rows"]
    return rows[0] if rows else None
