"""A table of figures with its download as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.language import said, t
from ui.services.tabular import Columns, csv_file

AT_ONCE = 14  # lines; a longer table scrolls


def headed(columns: Mapping[str, Any], *, cells: Sequence[str] = ()) -> dict[str, Any]:
    """Columns under headings in the language of the session; `cells`: those of words, too."""
    return {
        said(name): [said(str(each)) for each in column] if name in cells else column
        for name, column in columns.items()
    }


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
    frame = pd.DataFrame(headed(columns))
    chosen = None
    if choose:
        event = st.dataframe(
            frame,
            hide_index=True,
            key=key,
            height="content" if lines <= AT_ONCE else 520,
            column_config=headed(config or {}),
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
            column_config=headed(config or {}),
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
