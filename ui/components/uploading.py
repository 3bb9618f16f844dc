"""The uploader of the inbox: files are read and shown; nothing is stored before the coder says so.

Names, ids and first lines come from outside, so they are cells of tables or code and nothing else.
"""

import time
from collections.abc import Sequence

import streamlit as st

from ui.components.errors import problem
from ui.components.uploaded import last_upload, preview
from ui.language import msgid, t
from ui.services.intake import Intake, UnderstoodNote, outcome
from ui.services.rights import Actor
from ui.session import UNSTORED, Desk, desk
from ui.workbench import workbench

PATIENCE = 1.0  # seconds after which progress is shown
LABEL = msgid(
    "Many files at once: text, PDF, Word, RTF; tables with a note in each row (CSV, TSV, Excel, "
    "Parquet, JSON lines); FHIR R4; HL7 v2"
)
LOST = msgid(
    "The page was loaded anew before your upload was stored, so nothing of it was kept. Choose the "
    "files again."
)


def uploads(who: Actor, *, first: bool) -> None:
    """The uploader, what was understood of the last files, and what became of them.

    first: there are no notes yet, so that uploading some is what to do.
    """
    here, intake = desk(), workbench().intake
    _remember_unstored(here)
    if here.lost:
        problem(t(LOST))
    busy = bool(here.understood or here.received)
    with st.expander(t("Upload notes"), expanded=first or busy, icon=":material/upload_file:"):
        _uploader(intake, here)
        wanted = preview(intake, here)
        if wanted is not None:
            _store(intake, here, wanted, by=who.name)
        last_upload(here.received)


def _remember_unstored(here: Desk) -> None:
    """Say in the address that something waits; a page that finds that and nothing else lost it."""
    if here.understood:
        st.query_params[UNSTORED] = "yes"
    elif UNSTORED in st.query_params:
        here.lost = True
        del st.query_params[UNSTORED]


def _uploader(intake: Intake, here: Desk) -> None:
    """Read files as soon as they are dropped."""
    files = st.file_uploader(t(LABEL), accept_multiple_files=True, key=f"upload-{here.uploads}")
    if not files:
        return
    given = [(file.name, file.getvalue()) for file in files]
    started, found, progress = time.monotonic(), [], st.empty()
    with st.spinner(t("Reading…")):
        for each in intake.understand(given):
            found.append(each)
            if time.monotonic() - started > PATIENCE:
                progress.progress(
                    len(found) / len(files),
                    t("{found} of {files} files", found=len(found), files=len(files)),
                )
    here.understood, here.received, here.lost = tuple(found), (), False
    here.tables = {place: given[place] for place, each in enumerate(found) if each.columns}
    here.uploads += 1
    st.rerun()


def _store(intake: Intake, here: Desk, wanted: Sequence[UnderstoodNote], *, by: str) -> None:
    """Store these; none: the coder discards them all."""
    started, progress, stored = time.monotonic(), st.empty(), []
    for each, added in zip(wanted, intake.store(wanted, by=by), strict=True):
        stored.append((each, added))
        if time.monotonic() - started > PATIENCE and len(stored) % 100 == 0:
            progress.progress(
                len(stored) / len(wanted),
                t("{stored} of {wanted} notes", stored=len(stored), wanted=len(wanted)),
            )
    if wanted:
        here.received = tuple(outcome(each, stored) for each in here.understood)
    here.understood, here.tables = (), {}
    st.query_params.pop(UNSTORED, None)
    st.rerun()
