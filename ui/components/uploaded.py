"""What was understood of uploaded files, before it is stored, and what became of it after."""

from collections.abc import Callable, Sequence

import streamlit as st

from ui.language import msgid, nt, said, t
from ui.services.intake import Intake, Received, Understood, UnderstoodNote
from ui.session import Desk

COLUMNS = {
    "text": msgid("The text stands in"),
    "id": msgid("The name of the note stands in"),
}


def preview(intake: Intake, here: Desk) -> Sequence[UnderstoodNote] | None:
    """What was understood; the notes to store once that is said (none: discard), or None."""
    if not here.understood:
        return None
    notes = [note for each in here.understood for note in each.notes]
    new = sum(note.known_as is None for note in notes)
    refused = sum(each.refused is not None for each in here.understood)
    st.text(
        t(
            "Understood, not stored yet: {new} new, {new_2} already here, {refused} refused",
            new=new,
            new_2=len(notes) - new,
            refused=refused,
        )
    )
    buttons = st.container()
    _files(here.understood)
    _choose_columns(intake, here)
    chosen = _notes(notes, key=f"understood-{here.uploads}") if notes else []
    if notes:
        _beginning((chosen or notes)[0])
    with buttons:
        return _choice(notes, chosen, new=new)


def last_upload(received: tuple[Received, ...]) -> None:
    """What became of each file."""
    if not received:
        return
    added = sum(len(each.added) for each in received)
    known = sum(len(each.duplicates) for each in received)
    refused = sum(each.refused is not None for each in received)
    st.text(
        t(
            "{added} new, {known} already here, {refused} refused",
            added=added,
            known=known,
            refused=refused,
        )
    )
    st.dataframe(
        {
            t("File"): [each.file for each in received],
            t("What became of it"): [_outcome(each) for each in received],
        },
        hide_index=True,
        key="received",
    )


def _choice(
    notes: Sequence[UnderstoodNote], chosen: Sequence[UnderstoodNote], *, new: int
) -> Sequence[UnderstoodNote] | None:
    """The buttons; what they say is to be stored."""
    all_, some, discard = st.columns([2, 2, 1])
    if all_.button(
        t("Store all {new} new", new=new),
        key="store-all",
        type="primary",
        width="stretch",
        disabled=not new,
    ):
        return notes
    if some.button(
        t("Store the {chosen} selected", chosen=len(chosen)),
        key="store-some",
        width="stretch",
        disabled=not chosen,
    ):
        return chosen
    return [] if discard.button(t("Discard"), key="discard", width="stretch") else None


def _files(understood: Sequence[Understood]) -> None:
    """A line a file: its format, how many notes, what to know of it or why it is refused."""
    st.dataframe(
        {
            t("File"): [each.file for each in understood],
            t("Format"): [
                None if each.format is None else each.format.value for each in understood
            ],
            t("Notes"): [len(each.notes) for each in understood],
            t("Text from column"): [each.taken.get("text") for each in understood],
            t("What to know"): [_to_know(each) for each in understood],
        },
        hide_index=True,
        key="understood-files",
        placeholder="",
        column_config={
            t("Format"): st.column_config.TextColumn(width=80),
            t("Notes"): st.column_config.NumberColumn(width=70),
            t("Text from column"): st.column_config.TextColumn(width=130),
        },
    )


def _to_know(each: Understood) -> str:
    refused = [] if each.refused is None else [_why(each.refused)]
    return "; ".join([*refused, *map(said, each.problems)])


def _notes(notes: Sequence[UnderstoodNote], *, key: str) -> list[UnderstoodNote]:
    """Draw the notes; those that are selected."""
    facts = [each.note.encounter for each in notes]
    event = st.dataframe(
        {
            t("Note"): [each.note.id for each in notes],
            t("Begins"): [each.first_lines for each in notes],
            t("Words"): [each.words for each in notes],
            t("Language"): [each.language for each in notes],
            t("Already here as"): [each.known_as for each in notes],
            t("Encounter"): [fact.encounter_id for fact in facts],
            t("Age"): [fact.age for fact in facts],
            t("Sex"): [fact.sex for fact in facts],
            t("Date"): [fact.service_date for fact in facts],
            t("File"): [each.file for each in notes],
        },
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
        column_config={t("Begins"): st.column_config.TextColumn(width="medium")},
    )
    return [notes[row] for row in event["selection"]["rows"]]


def _beginning(note: UnderstoodNote) -> None:
    st.text(t("How the first of them begins (select a line to look at another):"))
    st.code(note.beginning, language=None, wrap_lines=True, height=160)


def _choose_columns(intake: Intake, here: Desk) -> None:
    """For tables: which columns were taken, and others to take instead."""
    if not here.tables:
        return
    places = sorted(here.tables, key=lambda at: here.understood[at].refused is None)
    table, *fields = st.columns([2, *([2] * len(COLUMNS))])
    place = table.selectbox(
        t("Table"), places, format_func=lambda at: here.tables[at][0], key=f"table-{here.uploads}"
    )
    if place is None:
        return
    understood = here.understood[place]
    keys = {ours: f"column-{ours}-{here.uploads}-{place}" for ours in COLUMNS}
    for (ours, label), field in zip(COLUMNS.items(), fields, strict=True):
        taken = understood.taken.get(ours)
        field.selectbox(
            t(label),
            understood.columns,
            index=understood.columns.index(taken) if taken in understood.columns else None,
            key=keys[ours],
            placeholder=t("Choose a column"),
            on_change=_reader(intake, here, place, keys),
        )


def _reader(intake: Intake, here: Desk, place: int, keys: dict[str, str]) -> Callable[[], None]:
    def read_anew() -> None:
        """Read the table with the columns that are chosen now, once all of them are."""
        chosen = {ours: st.session_state[key] for ours, key in keys.items()}
        if None in chosen.values():
            return
        others = [each for at, each in enumerate(here.understood) if at != place]
        (again,) = intake.understand([here.tables[place]], chosen=chosen, beside=others)
        here.understood = (*here.understood[:place], again, *here.understood[place + 1 :])

    return read_anew


def _outcome(received: Received) -> str:
    parts = [] if received.refused is None else [_why(received.refused)]
    if received.added:
        parts.append(nt("{count} note added", "{count} notes added", len(received.added)))
    if received.duplicates:
        parts.append(
            nt(
                "{count} note already here as {names}",
                "{count} notes already here as {names}",
                len(received.duplicates),
                names=_names(received.duplicates),
            )
        )
    return "; ".join([*parts, *map(said, received.problems)]) or t("nothing of it was stored")


def _why(refused: str) -> str:
    return t("refused: {why}", why=said(refused))


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
