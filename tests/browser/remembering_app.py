"""The app with a coder whose memory is simple enough to foresee; `streamlit run` starts it."""

import runpy
from pathlib import Path

import ui.services.loading
from tests.ui.remembering import Remembering

ui.services.loading.Coder = Remembering  # type: ignore[misc]
runpy.run_path(str(Path(__file__).resolve().parents[2] / "streamlit_app.py"), run_name="__main__")
