"""The app. `streamlit run streamlit_app.py` finds `app` here and serves it; a visit runs show()."""

import streamlit as st

if __name__ == "__main__":  # Streamlit runs this file as a script, once for every visit
    from ui.app import show

    show()
else:  # `streamlit run`, or any ASGI server, imports it
    from ui.serving.surface import opened_surface

    surface = opened_surface()
    app = st.App(__file__, routes=surface.routes, middleware=surface.middleware)
