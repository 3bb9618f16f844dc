"""The export page's form: what, in which format, with how much of the notes."""

from datetime import date

import streamlit as st

from ui.language import msgid, nt, said, t
from ui.services.export import (
    DECIDED,
    LIMITS,
    TABLES,
    TEXTS,
    Choices,
    Counts,
    Export,
    Exporting,
    Filter,
    Format,
    Kind,
    Prepared,
    days,
)
from ui.session import Desk

_FORMATS = {
    Format.CSV: ("CSV", msgid("One line a code, in UTF-8, safe to open in a spreadsheet.")),
    Format.XLSX: (
        "Excel",
        msgid("One row a code, for reading; the text of notes on a second sheet."),
    ),
    Format.JSONL: ("JSONL", msgid("One JSON object a code, with evidence as lists; exact.")),
    Format.PARQUET: (
        "Parquet",
        msgid("Typed columns for pandas, R or DuckDB; exact, and the smallest."),
    ),
    Format.FHIR: (
        "FHIR R4B",
        msgid("A Bundle of Conditions and Procedures, each with the Provenance of its decision."),
    ),
    Format.MIMIC3: (
        "MIMIC-III",
        msgid(
            "DIAGNOSES_ICD and PROCEDURES_ICD with ICD-9 codes alone; "
            "rejected codes in a third table."
        ),
    ),
    Format.MIMIC4: (
        "MIMIC-IV",
        msgid(
            "diagnoses_icd and procedures_icd with ICD-9 and ICD-10 codes; "
            "rejected ones in a third."
        ),
    ),
    Format.CORPUS: (
        msgid("Corpus"),
        msgid("Finished charts with their codes and text, for training."),
    ),
    Format.FEEDBACK: (
        msgid("Feedback"),
        msgid("Notes with the codes given and rejected, and text, for fine-tuning."),
    ),
}
_MIME = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.FHIR: "application/fhir+json",
    Format.MIMIC3: "application/zip",
    Format.MIMIC4: "application/zip",
}
_KINDS = {
    Kind.ACCEPTED: msgid("Accepted"),
    Kind.ADDED: msgid("Added, was on a list"),
    Kind.NEVER_SHOWN: msgid("Added, never shown"),
    Kind.REJECTED: msgid("Rejected"),
    Kind.UNDECIDED: msgid("Shown, undecided"),
}


def export_form(exporting: Exporting, here: Desk, *, with_text: bool = True) -> None:
    """Choose, see what it comes to, prepare, download.

    with_text: whether whoever asks may have the words of notes, too.
    """
    left, right = st.columns([2, 3], gap="large")
    with left:
        format_ = _format(with_text=with_text)
    with right:
        export = _wanted(format_, exporting.choices(), with_text=with_text)
        counts = exporting.preview(export)
        st.text(_preview(counts))
        if counts.notes:
            _prepare(exporting, export, here)
        else:
            st.text(t("Choose less narrowly above, or finish a chart on the review page first."))
        _remarks(export)


def _format(*, with_text: bool) -> Format:
    offered = [each for each in Format if with_text or each not in TEXTS]
    chosen = st.radio(
        t("Format"),
        offered,
        format_func=lambda each: t(_FORMATS[each][0]),
        captions=[t(_FORMATS[each][1]) for each in offered],
        key="format",
    )
    return chosen or Format.CSV


def _wanted(format_: Format, choices: Choices, *, with_text: bool) -> Export:
    corpus = format_ is Format.CORPUS
    wordless = format_ in TEXTS or not with_text
    st.caption(t("Which codes"))
    where = _filter(choices, disabled=corpus)
    st.caption(t("What each row holds"))
    one, two = st.columns(2)
    text = one.checkbox(t("The text of the note"), key="with-text", disabled=wordless)
    quotes = two.checkbox(t("The words of the evidence"), key="with-quotes", disabled=wordless)
    history = one.checkbox(
        t("Also decisions that no longer stand"), key="history", disabled=format_ not in TABLES
    )
    deidentified = two.checkbox(
        t("De-identify (assistive)"),
        key="deidentify",
        disabled=not choices.can_deidentify,
        help=t("Needs Presidio: pip install '.[deidentify]'"),
    )
    return Export(
        format=format_,
        text=text and not wordless,
        quotes=quotes and not wordless,
        history=history and format_ in TABLES,
        deidentified=deidentified,
        where=Filter() if corpus else where,
    )


def _remarks(export: Export) -> None:
    """What must be known of this export. At the end, so that nothing moves when it comes."""
    if export.format is Format.CORPUS:
        st.text(
            t(
                "A corpus always holds whole finished charts with their text: half a chart would "
                "teach a model that the other half is wrong."
            )
        )
    if export.format is Format.FEEDBACK:
        st.text(
            t(
                "Feedback always holds the text of its notes. Accepted and added codes are right, "
                "rejected ones wrong; of every other code nothing is known."
            )
        )
    if export.deidentified:
        st.text(
            t(
                "What patterns find is blanked at equal length, so that offsets stay true; names "
                "of notes, ids and hashes are left out. {limits}. Read the file before it "
                "leaves the house.",
                limits=said(LIMITS).capitalize(),
            )
        )


def _filter(choices: Choices, *, disabled: bool) -> Filter:
    one, two, three = st.columns(3)
    charts = one.selectbox(
        t("Charts"), [True, False], key="export-charts", disabled=disabled,
        format_func=lambda finished: t("Finished") if finished else t("All"),
    )  # fmt: skip
    coder = two.selectbox(
        t("Coder"), ["", *choices.coders], key="export-coder", disabled=disabled,
        format_func=lambda name: name or t("Everybody"),
    )  # fmt: skip
    checkpoint = three.selectbox(
        t("Checkpoint"), ["", *choices.checkpoints], key="export-checkpoint", disabled=disabled,
        format_func=lambda found: _checkpoint(found, choices),
    )  # fmt: skip
    since = one.date_input(t("From (UTC)"), None, key="export-since", disabled=disabled)
    until = two.date_input(t("To (UTC)"), None, key="export-until", disabled=disabled)
    systems = three.multiselect(
        t("Code systems"), choices.systems, key="export-systems", disabled=disabled,
        placeholder=t("All"),
    )  # fmt: skip
    kinds = st.multiselect(
        t("Kinds"), list(_KINDS), default=[kind for kind in _KINDS if kind in DECIDED],
        format_func=lambda kind: t(_KINDS[kind]), key="export-kinds", disabled=disabled,
    )  # fmt: skip
    return Filter(
        **days(_day(since), _day(until)),
        coder=coder or None,
        finished=charts,
        systems=frozenset(systems),
        kinds=frozenset(kinds),
        checkpoint=checkpoint or None,
    )


def _day(chosen: object) -> date | None:
    return chosen if isinstance(chosen, date) else None


def _checkpoint(found: str, choices: Choices) -> str:
    return f"{choices.checkpoints[found]} · {found[:8]}" if found else t("Any")


def _preview(counts: Counts) -> str:
    nothing = t("Nothing to export: no code is as chosen above.")
    return _counted(counts) if counts.notes else nothing


def _counted(counts: Counts) -> str:
    """As in "312 codes of 41 charts: 290 accepted, 12 rejected"."""
    kinds = [(kind, counts.kinds[kind]) for kind in Kind if kind in counts.kinds]
    return t(
        "{codes} of {charts}: {each}",
        codes=nt("{count} code", "{count} codes", counts.codes),
        charts=nt("{count} chart", "{count} charts", counts.notes),
        each=", ".join(t("{count} {kind}", count=many, kind=said(kind)) for kind, many in kinds),
    )


def _prepare(exporting: Exporting, export: Export, here: Desk) -> None:
    """Write the file when asked to, and offer it until something else is chosen."""
    if st.button(t("Prepare the file"), key="prepare"):
        place = st.empty()

        def progress(done: int, of: int) -> None:
            place.progress(min(done / max(of, 1), 1.0), t("{done} of {of} notes", done=done, of=of))

        place.progress(0.0, t("Writing…"))
        here.prepared = exporting.file(export, progress=progress)
        place.empty()
    if here.prepared is not None and here.prepared.export == export:
        _offer(here.prepared)


def _offer(prepared: Prepared) -> None:
    format_, written = prepared.export.format, prepared.written
    count, size = written.records, len(prepared.content)
    if format_ in TEXTS:
        st.text(nt("{count} chart, {size} bytes", "{count} charts, {size} bytes", count, size=size))
    else:
        st.text(nt("{count} code, {size} bytes", "{count} codes, {size} bytes", count, size=size))
    if written.left_out:
        st.text(
            nt(
                "{count} has no place in {format} and is left out",
                "{count} have no place in {format} and are left out",
                written.left_out,
                format=_FORMATS[format_][0],
            )
        )
    st.download_button(
        t("Download"),
        prepared.content,
        file_name=prepared.name,
        mime=_MIME.get(format_, "application/json"),
        icon=":material/download:",
        type="primary",
        key="download",
        on_click="ignore",
        disabled=written.records == 0,
    )
