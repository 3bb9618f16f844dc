"""The export page's form: what, in which format, with or without the notes' text."""

import streamlit as st

from ui.services.export import Export, Exporting, Format, Preview

_MEANING = {
    Format.CSV: "CSV: one line a decision, safe to open in a spreadsheet",
    Format.JSONL: "JSONL: one line a decision, with evidence as lists",
    Format.CORPUS: "Corpus: finished charts with their codes and text, for training",
}
_MIME = {
    Format.CSV: "text/csv",
    Format.JSONL: "application/json",
    Format.CORPUS: "application/json",
}


def preview(counts: Preview) -> None:
    """Counts of what stands now."""
    of = counts.decisions
    for column, (label, number) in zip(
        st.columns(5),
        {
            "Accepted": of.get("accept", 0),
            "Added": of.get("add", 0),
            "Rejected": of.get("reject", 0),
            "Notes decided on": counts.notes,
            "Finished charts": counts.finished,
        }.items(),
        strict=True,
    ):
        column.metric(label, number)


def export_form(exporting: Exporting) -> None:
    """Choose and download."""
    formats = tuple(Format)
    format_ = st.radio("Format", formats, format_func=_MEANING.__getitem__, key="format")
    corpus = format_ is Format.CORPUS
    text = st.radio(
        "The note in each line",
        [False, True],
        format_func=lambda with_text: "its text" if with_text else "its SHA-256 (no text leaves)",
        key="with-text",
        disabled=corpus,
        help="A corpus always holds the text.",
    )
    history = st.checkbox(
        "Also decisions that were overruled or taken back", key="history", disabled=corpus
    )
    wanted = Export(format=format_, text=bool(text) and not corpus, history=history and not corpus)
    name, content, records = exporting.file(wanted)
    st.text(f"{records} {'charts' if corpus else 'decisions'}, {len(content):,} bytes")
    st.download_button(
        "Download",
        content,
        file_name=name,
        mime=_MIME[format_],
        icon=":material/download:",
        type="primary",
        key="download",
        disabled=records == 0,
    )
