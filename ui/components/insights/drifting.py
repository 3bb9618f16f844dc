"""What has changed in the notes that come in, and in the codes they get."""

from datetime import date

import pandas as pd
import streamlit as st

from core.metrics import drift as arithmetic
from ui.components.insights import drawing
from ui.components.insights.choosing import Chosen
from ui.components.insights.figure import figure
from ui.language import msgid, t
from ui.services.drift import READ, Drift, Incoming
from ui.services.insights import Frames

CHAPTERS = 6  # in the picture; the table has all
_CHANCE = msgid(
    "Distance: Jensen-Shannon's, against the first period in view. By chance: the highest of 19 "
    "distances after the notes of both periods were shuffled between them; a distance below it may "
    "be no change at all. Hollow: fewer than 20 notes."
)


def drift_figures(drift: Drift, frames: Frames, asked: Chosen) -> None:
    """Length, words and codes of notes, period by period."""
    with st.spinner(t("Reading the words of notes…")):
        found = _incoming(drift, drift.state(), asked.period, asked.first, asked.last)
    if not found.notes:
        st.text(t("No note came in on these days. Widen the dates, or upload notes in the inbox."))
        return
    _notes(found)
    _codes(frames, asked.period)


@st.cache_resource(max_entries=4, show_spinner=False)
def _incoming(
    _drift: Drift,
    state: str,  # noqa: ARG001  (the cache's key)
    period: str,
    first: date | None,
    last: date | None,
) -> Incoming:
    """The same figures while `state` is the same; nobody changes them."""
    return _drift.incoming(period=period, first=first, last=last)


def _notes(found: Incoming) -> None:
    figure(
        "note-length",
        title=t("Length of the notes that came in"),
        caption=t(
            "Characters of every note that came in, coded or not: the median, and the tenth "
            "and ninetieth percentile around it. Hollow: fewer than 20 notes."
        ),
        table=found.lengths,
        picture=drawing.band(found.lengths, y_title=t("characters")),
    )
    if found.unknown is None:
        st.caption(
            t("Unknown words are not counted: no checkpoint with a list of words is in use.")
        )
    else:
        figure(
            "unknown-words",
            title=t("Words the checkpoint does not know"),
            caption=t(
                "Share of words that are not in the vocabulary of the checkpoint in use, in at "
                "most {most} notes of each period drawn by lot ({read} of {notes} notes were "
                "read). Whiskers are 95 % Wilson intervals; words of one note belong together, so "
                "the true ones are wider.",
                most=READ,
                read=found.read,
                notes=found.notes,
            ),
            table=found.unknown,
            picture=drawing.shares_over_time(
                found.unknown.assign(series=t("unknown words")),
                share="share",
                of="words",
                series="series",
                names={},
                whole=False,
            ),
        )
    figure(
        "words-distance",
        title=t("How far the words are from those of the first period"),
        caption=" ".join(
            (t("Words of at most {most} notes of each period drawn by lot.", most=READ), t(_CHANCE))
        ),
        table=found.words,
        picture=drawing.against_chance(found.words),
    )


def _codes(frames: Frames, period: str) -> None:
    if frames.finals.empty:
        st.caption(t("The mix of codes appears here once charts are finished."))
        return
    of_note = frames.finals.groupby("note").agg(codes=("code", list), when=("shown_at", "first"))
    table = arithmetic.distances(list(of_note["codes"]), of_note["when"], period=period)
    figure(
        "codes-distance",
        title=t("How far the codes are from those of the first period"),
        caption=" ".join(
            (
                t("Final codes of finished charts, dated by when their list was shown."),
                t(_CHANCE),
            )
        ),
        table=table,
        picture=drawing.against_chance(table),
    )
    mix = arithmetic.mix(frames.finals, period=period)
    figure(
        "code-mix",
        title=t("The mix of codes, by chapter"),
        caption=t(
            "Share of final codes in each chapter of ICD-10-CM; other code systems under "
            "their name. The six most frequent have a colour and a pattern, the table has all."
        ),
        table=mix,
        picture=drawing.stacked(
            _most(mix), value="share", series="chapter", y_title=t("share of codes"), percent=True
        ),
    )


def _most(mix: pd.DataFrame) -> pd.DataFrame:
    """The chapters with the most codes over all periods."""
    kept = mix.groupby("chapter")["codes"].sum().nlargest(CHAPTERS).index
    return mix[mix["chapter"].isin(kept)]
