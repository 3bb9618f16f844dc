"""Unexpected errors: logged under an id, without what they were about."""

import logging
import traceback
from uuid import uuid4

_LOG = logging.getLogger("evicode")


def logged(error: BaseException) -> str:
    """Log where an unexpected error came from under a fresh id, and return the id.

    The error's own message may quote a note, so only its type and the lines of code are kept.
    """
    number = uuid4().hex[:8]
    places = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{place.filename}:{place.lineno}" for place in reversed(places))
    _LOG.error("error %s: %s at %s", number, type(error).__name__, where)
    return number
