"""The audits that there are, and what finished ones say of each coder."""

from collections.abc import Sequence

import streamlit as st

from ui.components.figures import figures
from ui.language import said, t
from ui.services.audit_words import percent, stage, verdict
from ui.services.audited import Audited
from ui.services.quality import Quality, Scorecard


def audit_list(service: Quality) -> int | None:
    """Draw the audits; the one that was opened, or None."""
    with st.spinner(t("Reading the audits…")):
        every = service.every()
    if not every:
        st.text(t("No chart was drawn for audit yet. Draw a sample first."))
        return None
    stages = sorted({stage(each) for each in every})
    wanted = st.pills(
        t("Stage"), stages, key="audits-stage", format_func=said, label_visibility="collapsed"
    )
    found = [each for each in every if wanted in (None, stage(each))]
    st.caption(t("Click an audit to open its worksheet."))
    chosen = figures(_rows(found), key="audits", file_name="audits.csv", choose=True)
    return None if chosen is None or chosen >= len(found) else found[chosen].audit.id


def scorecards(service: Quality) -> None:
    """What finished audits say of each coder, code over code."""
    cards = service.scorecards()
    if not cards:
        st.text(t("No audit is finished yet. A coder's card stands here once one is."))
        return
    st.caption(
        t(
            "Finished audits put together, code over code: a long chart weighs more than a "
            "short one. Withdrawn and overturned findings do not count."
        )
    )
    figures(_cards(cards), key="scorecards", file_name="scorecards.csv")


def _rows(found: Sequence[Audited]) -> dict[str, list[object]]:
    return {
        "Chart": [each.note.name for each in found],
        "Stage": [said(stage(each)) for each in found],
        "Coder": [each.coder for each in found],
        "Auditor": [each.auditor for each in found],
        "Findings": [len(each.findings) for each in found],
        "To settle": [len(each.unsettled) for each in found],
        "Diagnoses": [percent(each.diagnoses) if each.finished else "" for each in found],
        "Drawn": [said(each.audit.method) for each in found],
        "Seed": [each.audit.seed for each in found],
        "Why": [each.audit.stratum for each in found],
        "Drawn by": [each.audit.drawn_by for each in found],
        "Drawn at": [f"{each.audit.at:%Y-%m-%d %H:%M}" for each in found],
    }


def _cards(cards: Sequence[Scorecard]) -> dict[str, list[object]]:
    sheets = [each.diagnoses for each in cards]
    return {
        "Coder": [each.coder for each in cards],
        "Charts": [each.charts for each in sheets],
        "Diagnosis accuracy": [percent(each) for each in sheets],
        "Bar": [said(verdict(each)) for each in sheets],
        "Codes": [each.codes_before for each in sheets],
        "Missing": [each.added for each in sheets],
        "Wrong code": [each.edited for each in sheets],
        "Too much": [each.removed for each in sheets],
        "Wrong POA": [each.poa_changed for each in sheets],
        "Principal": [each.principal_changed for each in sheets],
        "Procedure accuracy": [_procedures(each) for each in cards],
    }


def _procedures(card: Scorecard) -> str:
    sheet = card.procedures
    return percent(sheet) if sheet.codes_before or sheet.changes else "–"
