"""What a coder is told of a chart that goes on with another model than the one in use now."""

import streamlit as st

from ui.language import t
from ui.services.charts import Status
from ui.session import desk
from ui.workbench import model


def begun_before(status: str) -> None:
    """Say so below the chart, where nothing moves, and offer fresh suggestions."""
    opened, coder = desk().opened, model().coding.coder
    if opened is None or opened.screen is None or coder is None or opened.withheld:
        return
    if opened.screen.checkpoint_hash == coder.checkpoint or status == Status.DONE.value:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="begun-before"):
        st.text(
            t(
                "This chart goes on with the model it was begun with, {name}. New charts open "
                "with {now}.",
                name=opened.screen.checkpoint,
                now=coder.name,
            ),
            width="content",
        )
        st.button(
            t("Fresh suggestions"),
            key="fresh-suggestions",
            icon=":material/refresh:",
            on_click=_afresh,
            help=t("A list of the new model for this chart. What you decided stays as it is."),
        )


def _afresh() -> None:
    here = desk()
    here.opened, here.fresh = None, True
