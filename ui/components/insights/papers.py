"""The pictures of the papers for the checkpoint in use."""

from collections.abc import Iterable

import streamlit as st

from ui.components.insights import drawing
from ui.components.insights.figure import figure
from ui.language import msgid, said, t
from ui.services.analysing import ENOUGH, Analysing, Result
from ui.services.insights import Frames

_CAPTIONS = {
    "embeddings": msgid(
        "Each code is a point: its vector in the checkpoint's last layer, on the first "
        "two principal components. Near codes are weighed alike."
    ),
    "neighbours": msgid(
        "For each CCS or CCSR category, how many of its own ICD codes lie near it, and "
        "whether that is more than chance."
    ),
    "frequency": msgid("In how many finished charts each code stands, the most frequent first."),
    "bins": msgid(
        "F1 of the lists as coders saw them, for codes that are rare and codes that are "
        "frequent in the finished charts."
    ),
}


def paper_figures(analysing: Analysing | None, frames: Frames) -> None:
    """What ships with the checkpoint, what it looks like inside, what finished charts show."""
    if analysing is None:
        st.text(t("No checkpoint can be used, so there is nothing to analyse."))
        return
    shipped = analysing.shipped()
    st.text(
        t("Checkpoint {name} · {checkpoint}", name=shipped.name, checkpoint=shipped.checkpoint[:8])
    )
    figure(
        "shipped-figures",
        title=t("Measured when it was trained"),
        caption=t(
            "From the checkpoint's own folder: its network on a coded corpus that was kept "
            "apart. all gold: codes it does not rank count as missed."
        ),
        table=shipped.figures,
        picture=None,
    )
    figure(
        "shipped-reliability",
        title=t("Calibration when it was trained"),
        caption=t(
            "Cross-validated on the corpus it was trained with: the mean probability said in "
            "each tenth, and the share that was right. Compare it with the calibration under Model."
        ),
        table=shipped.reliability,
        picture=drawing.calibrated({shipped.name: shipped.reliability}),
    )
    with st.spinner(t("Drawing the codes of the checkpoint…")):
        of_checkpoint = _of_checkpoint(analysing, shipped.checkpoint)
    _drawn(of_checkpoint)
    found = analysing.of_charts(frames)
    if not found:
        st.text(
            t(
                "Two more need {enough} finished charts whose list this checkpoint made: how "
                "frequent codes are, and F1 by frequency. There are too few yet.",
                enough=ENOUGH,
            )
        )
    _drawn(found)
    _elsewhere(analysing)


@st.cache_resource(max_entries=1, show_spinner=False)
def _of_checkpoint(
    _analysing: Analysing,
    checkpoint: str,  # noqa: ARG001  (the cache's key)
) -> tuple[Result, ...]:
    """Drawn once for a checkpoint."""
    return _analysing.of_checkpoint()


def _drawn(results: Iterable[Result]) -> None:
    for result in results:
        if result.figure is None:
            for note in result.notes:
                st.text(said(note))
            continue
        figure(
            f"paper-{result.name}",
            title=said(result.title.partition(":")[0]),
            caption=" ".join(
                (t(_CAPTIONS[result.name]), t("As in {source}.", source=result.source))
            ),
            table=result.table,
            picture=result.figure,
            notes=result.notes,
        )


def _elsewhere(analysing: Analysing) -> None:
    st.subheader(t("Not on this page"), anchor=False)
    st.dataframe(
        [{t("Analysis"): name, t("Why"): said(why)} for name, why in analysing.elsewhere().items()],
        hide_index=True,
        key="papers-elsewhere",
    )
    st.caption(t("These are made on the command line, from a corpus or from experiments:"))
    st.code("python -m core analyse --help", language=None)
