"""The app: which pages there are, and who is coding. `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st

from ui.session import CODER, LONGEST_NAME, remember_coder

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
        st.Page(PAGES / "audit.py", title="Audit", icon=":material/fact_check:"),
        st.Page(PAGES / "export.py", title="Export", icon=":material/download:"),
    ],
    position="top",
)
remember_coder()
st.sidebar.text_input(
    "Coder", max_chars=LONGEST_NAME, key=CODER, help="Recorded with every decision you make."
)
page.run()
