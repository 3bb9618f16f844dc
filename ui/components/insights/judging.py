"""How the model did: its lists against the codes that hold after coding, adjudication and audit."""

import pandas as pd
import streamlit as st

from core.metrics import insights
from ui.components.insights import drawing
from ui.components.insights.choosing import label
from ui.components.insights.figure import figure
from ui.language import msgid, t
from ui.services.insights import Frames

LISTED = 15  # codes in the picture; the table has all
_OVER_TIME = (
    ("precision", "likely", msgid("Precision: likely suggestions that hold")),
    ("recall", "final", msgid("Recall: final codes that were likely suggestions")),
    ("coverage", "final", msgid("Coverage: final codes that stood anywhere on the list")),
)
_CAPTIONS = {
    "precision": msgid(
        "Of the suggestions at or above the checkpoint's threshold, the share that is "
        "among the chart's codes now. Dated by when the list was shown. Whiskers are 95 % Wilson "
        "intervals; a hollow mark stands for fewer than 20 cases."
    ),
    "recall": msgid(
        "Of the codes a chart has now, the share that was a likely suggestion on the first "
        "list its coder saw. Whiskers are 95 % Wilson intervals; a hollow mark stands for fewer "
        "than 20 cases."
    ),
    "coverage": msgid(
        "Of the codes a chart has now, the share that stood on the first list at all, "
        "likely or not. The rest was missed by the list and added by hand. Whiskers are 95 % "
        "Wilson intervals; a hollow mark stands for fewer than 20 cases."
    ),
}


def model_figures(frames: Frames, period: str) -> None:
    """Precision, recall and coverage over time; what was missed; calibration."""
    st.caption(
        t(
            "The codes that hold were decided by coders who saw the list, so these figures "
            "flatter the model: what nobody thought of is missed by both. Charts coded "
            "without a list are left out, and what was planted for a trial counts nowhere."
        )
    )
    table = insights.model_over_time(frames.suggested, frames.finals, period=period)
    names = {each: label(frames, each) for each in table["checkpoint"]}
    for share, of, title in _OVER_TIME:
        columns = ["period", "checkpoint", of, share, f"{share}_low", f"{share}_high"]
        figure(
            share,
            title=t(title),
            caption=t(_CAPTIONS[share]),
            table=_named(table[columns], names),
            picture=drawing.shares_over_time(
                table, share=share, of=of, series="checkpoint", names=names
            ),
        )
    _missed(frames)
    _calibration(frames)


def _missed(frames: Frames) -> None:
    table = insights.missed(frames.suggested, frames.finals)
    table = table[table["missed"] > 0]
    top = table.head(LISTED)
    named = top.assign(
        name=[
            t("{code} ({missed} of {all})", code=code, missed=missed, all=final)
            for code, missed, final in top[["code", "missed", "final"]].itertuples(index=False)
        ]
    )
    figure(
        "missed",
        title=t("Codes most often missed by the list"),
        caption=t(
            "Codes that charts have now and that stood nowhere on the first list: how often, "
            "and the share of all their charts with its 95 % Wilson interval. A hollow mark stands "
            "for fewer than 20 charts."
        ),
        table=table,
        picture=drawing.shares_by_name(
            named, name="name", panels=[("share", "final", msgid("missed"))]
        ),
    )


def _calibration(frames: Frames) -> None:
    curves = {
        label(frames, str(checkpoint)): insights.calibration(part)
        for checkpoint, part in frames.suggested.groupby("checkpoint")
    }
    parts = [found.assign(checkpoint=name) for name, found in curves.items()]
    figure(
        "calibration",
        title=t("Calibration: what was said against what held"),
        caption=t(
            "Suggestions in tenths of the probability shown: the mean of what was said, and "
            "the share that is among the chart's codes now, with 95 % Wilson intervals. Below the "
            "dotted line a checkpoint is too sure. Lists leave out improbable codes, so the first "
            "tenths hold the best of these only."
        ),
        table=pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(),
        picture=drawing.calibrated(curves),
    )
    table = insights.calibration_errors(frames.suggested)
    figure(
        "calibration-errors",
        title=t("Calibration in one number"),
        caption=t(
            "error: the mean distance between said and held over the tenths, weighted by their "
            "suggestions (expected calibration error). brier: the mean squared distance of each "
            "probability from what turned out. Both are 0 at best."
        ),
        table=_named(table, {each: label(frames, each) for each in table["checkpoint"]}),
        picture=None,
    )


def _named(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    return table.assign(checkpoint=[names[each] for each in table["checkpoint"]])
