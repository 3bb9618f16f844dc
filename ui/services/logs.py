"""The log: one JSON object a line, and never a word of a note.

What Evicode says is an event with fields (`event`). What libraries say may quote what they were
handed, so of their messages only the place in the code is kept, and of an exception only its type
and its places. Names of users are written as marks: keyed hashes, the same for the same name.

`python -m ui.services.logs NAME` shows somebody's mark, if the settings hold a `log_key`.
"""

import hmac
import json
import logging
import os
import secrets
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from core.errors import BadSettings
from core.settings import Settings, settings

OURS = "evicode"  # the logger whose messages are kept
_LOG = logging.getLogger(OURS)
_PLACE = "evicode_place"  # of a library's record: where it was written, in place of its words


def event(name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one event. Fields are numbers and words of our own; `user` is written as a mark."""
    _LOG.log(level, name, extra={"fields": fields})


def fields_of(record: logging.LogRecord) -> Mapping[str, Any]:  # Any: JSON
    """The fields of an event; none of a library's message."""
    found: Mapping[str, Any] = getattr(record, "fields", {})
    return found


def mark(name: str, key: str) -> str:
    """What stands for a name in the log. Without the key nobody can try names out."""
    return hmac.new(key.encode(), name.casefold().encode(), "sha256").hexdigest()[:10]


def places(trace: TracebackType | None) -> str:
    """The lines of code an exception came through, the innermost first."""
    steps = reversed(traceback.extract_tb(trace))
    return " < ".join(f"{step.filename}:{step.lineno}" for step in steps)


class Lines(logging.Formatter):
    """A record as a line of JSON."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, event, and its fields."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": at, "level": record.levelname.lower()}
        if record.name == OURS:
            line |= {"event": record.getMessage()} | dict(fields_of(record))
        else:
            place = getattr(record, _PLACE, f"{record.module}:{record.lineno}")
            line |= {"event": "library", "from": record.name, "place": place}
        if "user" in line:
            line["user"] = mark(str(line["user"]), self._key)
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"type": record.exc_info[0].__name__, "at": places(record.exc_info[2])}
        return json.dumps(line, default=str)


def set_up(chosen: Settings) -> None:
    """Send all logging of this process, also libraries', to where the settings say.

    BadSettings if the file cannot be written.
    """
    handler = _handler(chosen.log_file)
    handler.setFormatter(Lines(chosen.log_key or secrets.token_hex(16)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOG.setLevel(chosen.log_level.upper())
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger) and logger.name != OURS:
            logger.handlers.clear()
            logger.propagate = True
            if 0 < logger.level < logging.WARNING:  # a server's own line for every request
                logger.setLevel(logging.WARNING)
    logging.setLogRecordFactory(_without_words)
    logging.captureWarnings(True)
    threading.excepthook = _lost_in_a_thread
    sys.unraisablehook = _lost


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        os.close(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        return WatchedFileHandler(file, encoding="utf-8")  # opened again when it was rotated
    except OSError as error:
        raise BadSettings(
            f"log_file {file} cannot be written ({error.strerror}); name another file"
        ) from error


def _without_words(*args: Any, **kwargs: Any) -> logging.LogRecord:  # Any: as logging calls it
    """A record that no handler can get a library's words from, ours or a library's own."""
    record = logging.LogRecord(*args, **kwargs)
    if record.name != OURS:
        place = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            place += f" {record.exc_info[0].__name__} at {places(record.exc_info[2])}"
        record.msg, record.args, record.exc_info = place, (), None
        setattr(record, _PLACE, place)
    return record


def _lost_in_a_thread(lost: threading.ExceptHookArgs) -> None:
    _lost(lost)


def _lost(lost: Any) -> None:  # Any: of threading, or sys.UnraisableHookArgs
    """An exception that nobody caught: its type and places."""
    event(
        "error",
        level=logging.ERROR,
        id=secrets.token_hex(4),
        type=lost.exc_type.__name__,
        at=places(lost.exc_traceback),
    )


if __name__ == "__main__":
    known = settings().log_key
    said = mark(sys.argv[-1], known) if known else "set log_key: without it marks last until a stop"
    sys.stdout.write(f"{said}\n")
