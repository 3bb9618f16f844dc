"""Pages: each reads state, calls a service and draws. Streamlit runs them as scripts."""
