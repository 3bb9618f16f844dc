"""The one place that shows errors: ours with their message, any other as an id to look up."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import EvicodeError
from ui.language import said, t
from ui.services.failures import logged


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show what goes wrong inside instead of a blank page."""
    try:
        yield
    except EvicodeError as error:
        problem(said(str(error)))
    except Exception as error:  # noqa: BLE001  (shown, not swallowed)
        problem(
            t(
                "Something went wrong (id {error}). Reload the page; nothing was lost.",
                error=logged(error),
            )
        )


def problem(message: str) -> None:
    """Show a message that may carry a file's name: as plain text, never as markup."""
    with st.container(border=True):
        st.text(f"⚠ {message}")
