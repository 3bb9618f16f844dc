"""The uploader of the inbox, and the report on what was read and what was refused."""

import time

import streamlit as st

from ui.services.intake import Intake, Received
from ui.session import Desk

PATIENCE = 1.0  # seconds after which progress is shown


def uploader(intake: Intake, here: Desk, *, by: str) -> None:
    """Take files as soon as they are dropped; the report stays until the next upload."""
    files = st.file_uploader(
        "Upload notes: .txt files (many at once), or a CSV with the columns id and text",
        type=["txt", "csv"],
        accept_multiple_files=True,
        key=f"upload-{here.uploads}",
    )
    if not files:
        return
    started, received = time.monotonic(), list[Received]()
    progress = st.empty()
    for each in intake.receive([(file.name, file.getvalue()) for file in files], by=by):
        received.append(each)
        if time.monotonic() - started > PATIENCE:
            progress.progress(len(received) / len(files), f"{len(received)} of {len(files)} files")
    here.received = tuple(received)
    here.uploads += 1
    st.rerun()


def last_upload(received: tuple[Received, ...]) -> None:
    """What became of each file. Names come from outside, so they are cells and text only."""
    if not received:
        return
    added = sum(len(each.added) for each in received)
    known = sum(len(each.duplicates) for each in received)
    refused = sum(each.refused is not None for each in received)
    st.text(f"{added} new, {known} already here, {refused} refused")
    st.dataframe(
        {
            "File": [each.file for each in received],
            "What became of it": [_outcome(each) for each in received],
        },
        hide_index=True,
        key="received",
    )


def _outcome(received: Received) -> str:
    if received.refused is not None:
        return f"refused: {received.refused}"
    parts = []
    if received.added:
        parts.append(f"{_count(received.added)} added")
    if received.duplicates:
        parts.append(f"{_count(received.duplicates)} already here as {_names(received.duplicates)}")
    return "; ".join([*parts, *received.problems])


def _count(names: tuple[str, ...]) -> str:
    return f"{len(names)} note{'' if len(names) == 1 else 's'}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
