"""Every error Evicode raises on purpose, so that one place in the app can show them.

EvicodeError
├── BadInput             what the user gave cannot be used
│   ├── BadNote          a note: empty, not text, wrong encoding, too large
│   ├── BadFile          an uploaded or named file: wrong layout
│   │   └── BadColumns   a table without the columns it should have
│   └── UnknownCode      a code that is in no table, or not in the label space
├── BadCheckpoint        a checkpoint folder: missing file, other label set, altered
├── BadSettings          settings that contradict one another
├── Conflict             someone else changed the record first
├── NotAllowed           the role of whoever asked does not include it
├── LoggedOff            nobody is logged in here, or no longer
└── Cancelled            whoever asked called it off

Messages say what was wrong, the value, and what to do next. They never carry note text.
"""

from collections.abc import Sequence


class EvicodeError(Exception):
    """Base of all errors raised on purpose; its message is fit to show to a user."""


class BadInput(EvicodeError):
    """What the user gave cannot be used."""


class BadNote(BadInput):
    """A note that cannot be read: empty, not text, wrongly encoded or too large."""


class BadFile(BadInput):
    """A file that does not have the layout it should have."""


class BadColumns(BadFile):
    """A table without the columns it should have, or with one twice; `columns` are those it has."""

    def __init__(self, message: str, columns: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.columns = tuple(columns)


class UnknownCode(BadInput):
    """A code that is in no code table, or not in the label space asked for."""


class BadCheckpoint(EvicodeError):
    """A checkpoint folder that is incomplete, altered, or belongs to another label set."""


class BadSettings(EvicodeError):
    """Settings that contradict one another."""


class Conflict(EvicodeError):
    """Someone else changed the record first; reload and decide again."""


class NotAllowed(EvicodeError):
    """The role of whoever asked does not include it."""


class LoggedOff(EvicodeError):
    """Nobody is logged in here, or no longer; log in and try again."""


class Cancelled(EvicodeError):
    """Whoever asked called it off; nothing was kept."""


def quoted(value: str) -> str:
    """A value from outside, fit for a message: what is long enough to be note text is not shown."""
    if len(value) <= 12 or not any(letter.isalpha() for letter in value):
        return repr(value[:80])
    return f"a value of {len(value)} characters"


class ScoringStopped(EvicodeError):
    """Many notes were being scored and could not be brought to an end; what is done is kept."""
