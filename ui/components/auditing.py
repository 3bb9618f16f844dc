"""The audit page's evidence: what is there at once, the rest while one looks on."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.types import Code
from ui.components.errors import problem
from ui.components.evidence_panels import evidence_panels, payload
from ui.language import language, said, t
from ui.services.audit import Audit
from ui.services.auditing import Auditing
from ui.services.methods import name as method_name
from ui.services.rights import Action, may
from ui.session import NOTE, Desk, actor, desk, remember_code
from ui.workbench import auditing, model

POLL = 0.4  # seconds from one look at what is being computed to the next
PATIENCE = 0.1  # seconds a look waits


def evidence(note_id: int, code: Code) -> None:
    """All that is known of the code; evidence comes in while one looks on."""
    here, service = desk(), auditing()
    before = here.audit
    if before is None or (before.note.id, before.code) != (note_id, code):
        if before is not None:
            service.stop(before)
        with st.spinner(t("Reading the note…")):
            here.audit, here.audit_stopped = service.begin(note_id, code), False
    else:
        here.audit = service.again(before)
    if not _is_known(here.audit):
        problem(
            t(
                "{code} is in no code table and on no list of this chart. Choose a code above.",
                code=code,
            )
        )
        return
    if (missing := model().problem) is not None:
        problem(missing)
    remember_code(note_id, code)
    waits = _waits(here)
    st.fragment(_watched, run_every=POLL if waits else None)(looking=waits)


def _watched(*, looking: bool) -> None:
    """One look: what has come in since, the way to stop it, and the sheet as it is now.

    looking: whether the browser asks for the next look; only a run of the page changes that.
    """
    here, service = desk(), auditing()
    if here.audit is None:
        return
    if looking and _waits(here):
        here.audit = service.go_on(here.audit, patience=PATIENCE)
    if looking != _waits(here):
        remember_code(here.audit.note.id, here.audit.code)  # the browser may not know it yet
        st.rerun()
    _controls(here.audit, here, service)
    evidence_panels(_payload(here.audit, here), key="evidence-panels")


def _waits(here: Desk) -> bool:
    return here.audit is not None and here.audit.unfinished and not here.audit_stopped


def _controls(audit: Audit, here: Desk, service: Auditing) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")  # wraps where it is narrow
    row.progress(service.progress(audit), text=_progress(audit, stopped=here.audit_stopped))
    stopped = here.audit_stopped
    row.button(
        t("Go on") if stopped else t("Stop"),
        key="audit-stop",
        shortcut="S",
        disabled=not audit.unfinished,
        on_click=_stop_or_go_on,
    )
    row.toggle(t("Whole note"), key="audit-whole", help=t("Off: only the text around evidence."))
    who = actor()
    if may(who, Action.CODE):
        row.page_link(
            "ui/pages/review.py",
            label=t("Open in review"),
            icon=":material/rate_review:",
            query_params={NOTE: str(audit.note.id)},
        )
    row.download_button(
        t("Evidence sheet"),
        lambda: service.export(audit, by=who.name)[1],
        file_name=service.file_name(audit),
        mime="text/html",
        icon=":material/download:",
        type="primary",
        key="audit-export",
        shortcut="E",
        on_click="ignore",
        help=t(
            "One HTML file that needs no network; your name stands on it as the one who exports."
        ),
    )


def _stop_or_go_on() -> None:
    here = desk()
    here.audit_stopped = not here.audit_stopped
    if here.audit_stopped and here.audit is not None:
        auditing().stop(here.audit)


def _progress(audit: Audit, *, stopped: bool) -> str:
    done, all_ = len(audit.findings), len(audit.findings) + len(audit.waiting)
    if not all_:
        return t("No method can be computed.")
    if stopped and audit.unfinished:
        return t("Stopped: {done} of {all} methods computed.", done=done, all=all_)
    if audit.waiting:
        now = said(method_name(audit.waiting[0])).lower()
        return t("{done} of {all} methods computed; now: {now}…", done=done, all=all_, now=now)
    if audit.unfinished:
        return t(
            "{done} of {all} methods computed; now: how far each can be trusted…",
            done=done,
            all=all_,
        )
    return t("{done} of {all} methods computed.", done=done, all=all_)


def _payload(audit: Audit, here: Desk) -> Mapping[str, Any]:  # Any: JSON
    """What the panels draw, made anew only when something changed."""
    how = (bool(st.session_state.get("audit-whole")), here.audit_stopped, language())
    if here.audit_drawn is None or here.audit_drawn[:2] != (audit, how):
        here.audit_drawn = (audit, how, payload(audit, whole=how[0], stopped=how[1]))
    return here.audit_drawn[2]


def _is_known(audit: Audit) -> bool:
    return bool(audit.title or audit.listing or audit.decisions)
