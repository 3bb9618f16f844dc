"""The uploader of the inbox: what was understood, the choice to store it, and what became of it.

Names, ids and first lines come from outside, so they are cells of tables and nothing else.
"""

import time
from collections.abc import Sequence

import streamlit as st

from ui.language import msgid, nt, said, t
from ui.services.intake import Intake, Received, Understood, UnderstoodNote, outcome
from ui.session import Desk

PATIENCE = 1.0  # seconds after which progress is shown
LABEL = msgid(
    "Upload notes (many files at once): text, PDF, Word, RTF; tables with the columns id and text "
    "(CSV, TSV, Excel, Parquet, JSON lines); FHIR R4; HL7 v2"
)


def uploader(intake: Intake, here: Desk) -> None:
    """Read files as soon as they are dropped. Nothing is stored before the coder says so."""
    files = st.file_uploader(t(LABEL), accept_multiple_files=True, key=f"upload-{here.uploads}")
    if not files:
        return
    started, found = time.monotonic(), list[Understood]()
    progress = st.empty()
    with st.spinner(t("Reading…")):
        for each in intake.understand([(file.name, file.getvalue()) for file in files]):
            found.append(each)
            if time.monotonic() - started > PATIENCE:
                progress.progress(
                    len(found) / len(files),
                    t("{found} of {files} files", found=len(found), files=len(files)),
                )
    here.understood, here.received = tuple(found), ()
    here.uploads += 1
    st.rerun()


def preview(intake: Intake, here: Desk, *, by: str) -> None:
    """What was understood, and the choice: store all, store some, discard."""
    if not here.understood:
        return
    notes = [note for each in here.understood for note in each.notes]
    new = sum(note.known_as is None for note in notes)
    refused = sum(each.refused is not None for each in here.understood)
    st.text(
        t(
            "Understood, not stored yet: {new} new, {known} already here, {refused} refused",
            new=new,
            known=len(notes) - new,
            refused=refused,
        )
    )
    chosen = _table(notes, key=f"understood-{here.uploads}") if notes else []
    _problems(here.understood)
    all_, some, discard = st.columns([2, 2, 1])
    if all_.button(
        t("Store all {count} new", count=new),
        key="store-all",
        type="primary",
        width="stretch",
        disabled=not new,
    ):
        _store(intake, here, notes, by=by)
    if some.button(
        t("Store the {count} selected", count=len(chosen)),
        key="store-some",
        width="stretch",
        disabled=not chosen,
    ):
        _store(intake, here, chosen, by=by)
    if discard.button(t("Discard"), key="discard", width="stretch"):
        here.understood = ()
        st.rerun()


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


def _table(notes: Sequence[UnderstoodNote], *, key: str) -> list[UnderstoodNote]:
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
            t("Format"): [each.format.value for each in notes],
        },
        hide_index=True,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
        column_config={t("Begins"): st.column_config.TextColumn(width="large")},
    )
    return [notes[row] for row in event["selection"]["rows"]]


def _problems(understood: Sequence[Understood]) -> None:
    lines = [
        (each.file, t("refused: {why}", why=said(each.refused)))
        for each in understood
        if each.refused
    ]
    lines += [(each.file, said(problem)) for each in understood for problem in each.problems]
    if lines:
        st.dataframe(
            {t("File"): [file for file, _ in lines], t("What to know"): [why for _, why in lines]},
            hide_index=True,
            key="problems",
            column_config={t("What to know"): st.column_config.TextColumn(width="large")},
        )


def _store(intake: Intake, here: Desk, wanted: Sequence[UnderstoodNote], *, by: str) -> None:
    started, progress, stored = time.monotonic(), st.empty(), []
    for each, added in zip(wanted, intake.store(wanted, by=by), strict=True):
        stored.append((each, added))
        if time.monotonic() - started > PATIENCE and len(stored) % 100 == 0:
            progress.progress(
                len(stored) / len(wanted),
                t("{stored} of {wanted} notes", stored=len(stored), wanted=len(wanted)),
            )
    here.received = tuple(outcome(each, stored) for each in here.understood)
    here.understood = ()
    st.rerun()


def _outcome(received: Received) -> str:
    added, known = received.added, received.duplicates
    parts = [] if received.refused is None else [t("refused: {why}", why=said(received.refused))]
    if added:
        parts.append(nt("{count} note added", "{count} notes added", len(added)))
    if known:
        parts.append(
            nt(
                "{count} note already here as {names}",
                "{count} notes already here as {names}",
                len(known),
                names=_names(known),
            )
        )
    return "; ".join([*parts, *map(said, received.problems)]) or t("nothing of it was stored")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
