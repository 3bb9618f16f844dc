"""How every figure stands on the page: title, picture, how it was computed, its data."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ui.services.insights import as_csv

_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def figure(
    name: str, *, title: str, caption: str, table: pd.DataFrame, picture: go.Figure | None
) -> None:
    """Draw one figure. `name` is what its file and its widgets are called.

    title and caption are the page's own words: nothing of a note, coder or file stands in them.
    """
    with st.container(border=True, key=f"figure-{name}"):
        st.subheader(title, anchor=False)
        if table.empty:
            st.text("Nothing to draw here yet.")
            return
        if picture is not None:
            st.plotly_chart(picture, config=_CONFIG, key=f"plot-{name}")
        st.caption(caption)
        data(name, table, open_=picture is None)


def data(name: str, table: pd.DataFrame, *, open_: bool = False) -> None:
    """The figures as a table and as a file."""
    with st.expander("The figures as a table", expanded=open_, key=f"open-{name}"):
        shares = {
            c: st.column_config.NumberColumn(format="%.4g") for c in table.select_dtypes("float")
        }
        times = {
            c: st.column_config.DatetimeColumn(format="YYYY-MM-DD")
            for c in table.select_dtypes(["datetime", "datetimetz"])
        }
        st.dataframe(table, hide_index=True, key=f"table-{name}", column_config=shares | times)
    st.download_button(
        "Download CSV",
        as_csv(table),
        file_name=f"evicode-{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        on_click="ignore",
    )
