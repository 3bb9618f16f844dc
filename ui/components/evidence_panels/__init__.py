"""The evidence panels: one code as it was shown, decided and explained. A v2 component of text."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from ui.components.evidence_panels.payload import payload
from ui.language import for_scripts

__all__ = ["evidence_panels", "payload"]

_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "base.css", _HERE / "panels.css")
_SCRIPTS = (
    _HERE.parent / "words.js",
    _HERE.parent / "review_board" / "dom.js",
    _HERE / "record.js",
    _HERE / "panels.js",
)


@cache
def _panels() -> ComponentRenderer:
    return st.components.v2.component(
        "evicode_evidence_panels",
        html=(_HERE / "panels.html").read_text("utf-8"),
        css="\n".join(path.read_text("utf-8") for path in _STYLES),
        js="\n".join(path.read_text("utf-8") for path in _SCRIPTS),
        isolate_styles=True,
    )


def evidence_panels(data: Mapping[str, Any], *, key: str) -> None:
    """Draw a payload (JSON). The browser answers nothing."""
    _panels()(key=key, data={**data, "words": for_scripts()})
