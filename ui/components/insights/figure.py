"""How every figure stands on the page: title, picture, how it was computed, its data."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui.components.insights.headings import heading
from ui.language import said, t
from ui.services.insights import as_csv

_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def figure(
    name: str,
    *,
    title: str,
    caption: str,
    table: pd.DataFrame,
    picture: go.Figure | None,
    notes: Sequence[str] = (),
) -> None:
    """Draw one figure. `name` is what its file and its widgets are called.

    title and caption are the page's own words: nothing of a note, coder or file stands in them.
    notes are sentences that may name a checkpoint or a code.
    """
    with st.container(border=True, key=f"figure-{name}"):
        st.subheader(title, anchor=False)
        if table.empty:
            st.text(t("Nothing to draw here yet."))
            return
        if picture is not None:
            st.plotly_chart(picture, config=_CONFIG, key=f"plot-{name}", alt=f"{title}. {caption}")
        st.caption(caption)
        left, right = st.columns([3, 1])
        with left:
            _table(name, table, open_=picture is None)
            if notes:
                with st.expander(t("More on how it was made"), key=f"how-{name}"):
                    for note in notes:
                        st.text(said(note))
        right.download_button(
            t("Download CSV"),
            as_csv(table),
            file_name=f"evicode-{name}.csv",
            mime="text/csv",
            key=f"csv-{name}",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )


def _table(name: str, table: pd.DataFrame, *, open_: bool) -> None:
    named = {column: heading(str(column)) for column in table}
    shares = {
        column: st.column_config.NumberColumn(named[column], format="%.4g")
        for column in table.select_dtypes("float")
    }
    times = {
        column: st.column_config.DatetimeColumn(named[column], format="YYYY-MM-DD")
        for column in table.select_dtypes(["datetime", "datetimetz"])
    }
    with st.expander(t("The figures as a table"), expanded=open_, key=f"open-{name}"):
        st.dataframe(
            table,
            hide_index=True,
            key=f"table-{name}",
            column_config={**named, **shares, **times},
        )
