"""The worksheet of one audit: the codes as drawn with their evidence, findings, arithmetic."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.metrics.audit import Worksheet
from core.types import Code
from ui.components.answering import answers, told
from ui.components.errors import problem
from ui.components.figures import headed
from ui.components.finding_form import finding_form
from ui.components.quotes import Column, quotes
from ui.language import said, t
from ui.services.audit_words import lines, percent, stage, sum_words, verdict
from ui.services.audited import Audited, CodedCode, Sheet
from ui.services.grounds import passages
from ui.services.methods import name as method_name
from ui.services.quality import Quality
from ui.services.tables import Tables
from ui.services.wording import given
from ui.session import AUDIT, CODE, DECISION, NOTE


def audit_worksheet(service: Quality, tables: Tables, audit_id: int, *, by: str) -> None:
    """Draw the worksheet, and take what the auditor finds."""
    top, back = st.columns([5, 1.3], vertical_alignment="center")
    if back.button(
        t("All audits"), key="audit-back", icon=":material/arrow_back:", width="stretch"
    ):
        for name in (AUDIT, CODE):
            st.query_params.pop(name, None)
        st.rerun()
    sheet = service.sheet(audit_id)
    audited = sheet.audited
    top.text(
        t(
            "{name}\nCoder: {coder}. {audited}.",
            name=audited.note.name,
            coder=audited.coder,
            audited=said(stage(audited)),
        )
    )
    may_find = not audited.finished and by not in audited.coded_by
    if by in audited.coded_by:
        problem(t("You coded this chart yourself. Its audit must be somebody else's."))
    left, right = st.columns([5, 6], gap="medium")
    with left:
        code = _codes(audited, tables)
        _arithmetic(audited)
        if may_find:
            _finish(service, audited, by=by)
    with right:
        if code is not None:
            _code(sheet, tables, code)
        if may_find:
            finding_form(service, tables, audited, code, by=by)
        _findings(service, audited, by=by)


def _codes(audited: Audited, tables: Tables) -> Code | None:
    """The list of codes with its keys; the one at hand, or None if the chart has none."""
    subjects = audited.subjects
    if not subjects:
        st.text(t("This chart had no codes when it was drawn."))
        return None
    named = st.query_params.get(CODE)
    at = next((n for n, code in enumerate(subjects) if str(code) == named), 0)
    coded = {each.code: each for each in audited.before.codes}
    found = {each.code: each for each in audited.kept}
    st.dataframe(
        {
            " ": ["▶" if place == at else "" for place in range(len(subjects))],
            t("Code"): [code.code for code in subjects],
            t("Title"): [tables.title(code) or "" for code in subjects],
            t("POA"): [coded[code].poa if code in coded else "" for code in subjects],
            t("Principal"): ["★" if code == audited.before.principal else "" for code in subjects],
            t("Finding"): [
                t("added by the audit")
                if code not in coded
                else said(found[code].kind.value)
                if code in found
                else ""
                for code in subjects
            ],
        },
        hide_index=True,
        key="worksheet-codes",
        height="content",
        column_config={
            " ": st.column_config.TextColumn(width=30),
            t("Title"): st.column_config.TextColumn(width="medium"),  # so that all columns fit
        },
    )
    _steps(subjects, at)
    return subjects[at]


def _steps(subjects: Sequence[Code], at: int) -> None:
    back, forth = st.columns(2)
    ways = (
        (back, "previous", t("Previous"), "K", at - 1),
        (forth, "next", t("Next"), "J", at + 1),
    )
    for place, way, label, key, to in ways:
        place.button(
            label,
            key=f"worksheet-{way}",
            shortcut=key,
            width="stretch",
            disabled=not 0 <= to < len(subjects),
            on_click=_turn_to,
            args=(subjects, to),
        )


def _turn_to(subjects: Sequence[Code], to: int) -> None:
    st.query_params[CODE] = str(subjects[to])


def _code(sheet: Sheet, tables: Tables, code: Code) -> None:
    """The code at hand, and the words it rests on."""
    with st.container(horizontal=True, vertical_alignment="center"):  # wraps where it is narrow
        st.text(f"{code} · {tables.title(code) or ''}", width="stretch")
        whole = st.toggle(t("Whole note"), key="worksheet-whole", help=t("Off: only its evidence."))
    coded = next((each for each in sheet.audited.before.codes if each.code == code), None)
    if coded is None:
        st.text(t("Not among the codes as drawn: the audit gives it."))
        return
    quotes(
        [_column(sheet, coded, whole=whole)],
        key=f"worksheet-quotes-{sheet.audited.audit.id}-{code}",
        language=sheet.audited.note.language,
    )
    evidence, past = st.columns(2)
    evidence.page_link(
        "ui/pages/audit.py",
        label=t("Evidence by every method"),
        icon=":material/fact_check:",
        query_params={NOTE: str(sheet.audited.note.id), CODE: str(code)},
    )
    past.page_link(
        "ui/pages/history.py",
        label=t("As it was shown"),
        icon=":material/history:",
        query_params={DECISION: str(coded.decision.id)},
    )


def _column(sheet: Sheet, coded: CodedCode, *, whole: bool) -> Column:
    ground = sheet.grounds[coded.decision.id]
    rests = [t("Marked these words.") if ground.marked else t("Marked nothing.")]
    if ground.shown:
        method = said(method_name(ground.method)).lower()
        rests.append(t("Was shown evidence by {method}.", method=method))
    comments = [f"{author}: {words}" for author, words in coded.comments.items()]
    return Column(
        name=coded.decision.coder,
        state=said(given(coded.decision)),
        icon="✓",
        lines=[" ".join(rests), *comments],
        passages=passages(sheet.audited.note.text, ground, whole=whole),
    )


def _arithmetic(audited: Audited) -> None:
    procedures = audited.procedures
    both = bool(procedures.codes_before or procedures.changes)
    places = st.columns(2 if both else 1)
    _sheet(places[0], t("Diagnosis accuracy"), audited.diagnoses, key="diagnoses")
    if both:
        _sheet(places[1], t("Procedure accuracy"), procedures, key="procedures")


def _sheet(place: DeltaGenerator, name: str, sheet: Worksheet, *, key: str) -> None:
    place.metric(name, percent(sheet), border=True)
    place.text(f"{said(sum_words(sheet))}: {said(verdict(sheet))}")
    place.dataframe(
        headed(lines(sheet), cells=("Change",)),
        hide_index=True,
        key=f"worksheet-{key}",
        height="content",
        placeholder="",
    )


def _finish(service: Quality, audited: Audited, *, by: str) -> None:
    if st.button(
        t("Finish: hand the findings to the coder"),
        key="worksheet-finish",
        type="primary",
        icon=":material/done_all:",
        width="stretch",
        help=t("Nothing more can be found in this audit then. The coder sees the findings."),
    ):
        service.finish(audited.audit.id, auditor=by)
        st.rerun()


def _findings(service: Quality, audited: Audited, *, by: str) -> None:
    if not audited.findings:
        st.text(t("No findings.") if audited.finished else t("No findings yet."))
        return
    for finding in audited.findings:
        with st.container(border=True):
            st.text(told(audited, finding))
            answers(service, audited, finding, by=by)
