"""What stands between the network and the app: `surface` puts it together for the pages.

Only some of these modules know Streamlit; `ui.api` uses headers, requests and request_log too.
"""
