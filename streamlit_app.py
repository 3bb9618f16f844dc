"""The app: which pages there are, and who is coding. `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from ui.session import CODER

PAGES = Path(__file__).parent / "ui" / "pages"
MARK = Path(__file__).parent / "ui" / "components" / "evicode.svg"

st.set_page_config(
    page_title="Evicode", page_icon="📋", layout="wide", initial_sidebar_state="collapsed"
)
st.logo(str(MARK), size="large")
page = st.navigation(
    [
        st.Page(PAGES / "inbox.py", title="Inbox", icon=":material/inbox:", default=True),
        st.Page(PAGES / "review.py", title="Review", icon=":material/rate_review:"),
        st.Page(PAGES / "export.py", title="Export", icon=":material/download:"),
    ],
    position="top",
)
st.sidebar.text_input(
    "Coder",
    value="coder",
    max_chars=60,
    key=CODER,
    bind="query-params",
    help="Recorded with every decision you make.",
)
page.run()
