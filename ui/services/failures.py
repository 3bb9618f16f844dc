"""Unexpected errors: logged under an id, without what they were about."""

import logging
from uuid import uuid4

from ui.services.logs import event, places


def logged(error: BaseException) -> str:
    """Log where an unexpected error came from under a fresh id, and return the id.

    The error's own message may quote a note, so only its type and the lines of code are kept.
    """
    number = uuid4().hex[:8]
    where = places(error.__traceback__)
    event("error", level=logging.ERROR, id=number, type=type(error).__name__, at=where)
    return number
