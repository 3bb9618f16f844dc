"""What an auditor finds on the code at hand, or that a code is missing."""

from collections.abc import Sequence
from uuid import uuid4

import streamlit as st

from core.errors import BadInput, Conflict
from core.types import Code
from ui.components.code_picker import code_picker
from ui.components.errors import problem
from ui.language import msgid, said, t
from ui.services.audit_words import KINDS
from ui.services.audited import POA, Audited
from ui.services.quality import FindingDraft, FindingKind, Quality
from ui.services.tables import Tables

NEEDS_CODE = msgid("Choose the code first: type a code or words, and pick a match.")
KIND = "finding-kind"


def finding_form(
    service: Quality, tables: Tables, audited: Audited, code: Code | None, *, by: str
) -> None:
    """Ask what is wrong and why, and record it."""
    kind = _kind([each for each in KINDS if code is not None or each is FindingKind.ADDED])
    other = poa = None
    if kind in (FindingKind.ADDED, FindingKind.EDITED):
        other = code_picker(tables, t("The right code"), key=f"finding-{kind}-code")
    elif kind is FindingKind.POA:
        poa = st.segmented_control(t("The right indicator"), POA, key="finding-poa")
    comment = st.text_area(
        t("Why"), key=f"finding-comment-{len(audited.findings)}", max_chars=2000, height=80
    )
    if not st.button(
        t("Record this finding"), key="finding-record", shortcut="Ctrl+Enter", type="primary"
    ):
        return
    about = other if kind is FindingKind.ADDED else code
    if about is None or (kind is FindingKind.EDITED and other is None):
        problem(t(NEEDS_CODE))
        return
    draft = FindingDraft(
        audit_id=audited.audit.id,
        kind=kind,
        code=about,
        corrected=other if kind is FindingKind.EDITED else None,
        poa=poa,
        comment=comment.strip(),
        auditor=by,
        token=str(uuid4()),
    )
    try:
        service.find(draft)
    except (BadInput, Conflict) as error:
        problem(said(str(error)))
        return
    st.rerun()


def _kind(kinds: Sequence[FindingKind]) -> FindingKind:
    """What is wrong, by a button with a key for each; the one chosen has a tick."""
    chosen: FindingKind = st.session_state.get(KIND, kinds[0])
    if chosen not in kinds:
        chosen = kinds[0]
    for place, kind, key in zip(st.columns(len(KINDS)), KINDS, "12345", strict=True):
        place.button(
            said(KINDS[kind]),
            key=f"finding-{kind}",
            shortcut=key,
            type="primary" if kind is chosen else "secondary",
            icon=":material/check:" if kind is chosen else None,
            width="stretch",
            wrap=True,
            disabled=kind not in kinds,
            on_click=_choose,
            args=(kind,),
        )
    return chosen


def _choose(kind: FindingKind) -> None:
    st.session_state[KIND] = kind
