"""A table of figures with its download as CSV."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from ui.language import t
from ui.services.tabular import Columns, csv_file

AT_ONCE = 14  # lines; a longer table scrolls


def figures(
    columns: Columns,
    *,
    key: str,
    file_name: str,
    config: Mapping[str, Any] | None = None,  # Any: streamlit's column settings
    choose: bool = False,
) -> int | None:
    """Draw the table and its download; with `choose`, the line whose cell was clicked, or None."""
    lines = len(next(iter(columns.values()), ()))
    frame = pd.DataFrame(columns)
    chosen = None
    if choose:
        event = st.dataframe(
            frame,
            hide_index=True,
            key=key,
            height="content" if lines <= AT_ONCE else 520,
            column_config=dict(config or {}),
            placeholder="–",
            on_select="rerun",
            selection_mode="single-cell",
        )
        cells = event["selection"]["cells"]
        chosen = cells[0][0] if cells else None
    else:
        st.dataframe(
            frame,
            hide_index=True,
            key=key,
            height="content" if lines <= AT_ONCE else 520,
            column_config=dict(config or {}),
            placeholder="–",
        )
    st.download_button(
        t("Download as CSV"),
        lambda: csv_file(columns),
        file_name=file_name,
        mime="text/csv",
        icon=":material/download:",
        key=f"{key}-csv",
        on_click="ignore",
    )
    return chosen
