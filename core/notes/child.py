"""The child process that reads uploads: files come in on one pipe, plain JSON goes out on another.

In:  a line of JSON with the limits, once; then for each file a line {"name", "size", "chosen"} and
     its bytes.
Out: for each file 8 bytes of length (big-endian) and JSON: {"reading"}, {"refused"} or {"spent"}.
"""

import json
import os
import sys
from typing import Any, BinaryIO

from core.errors import BadFile, BadNote
from core.notes.confinement import allow_cpu, confine
from core.notes.limits import Limits
from core.notes.reading import read_notes
from core.notes.tables import Chosen
from core.notes.wire import LENGTH, packed, refused


def main() -> None:
    """Read files until there are no more, or until memory was spent."""
    files = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the answers
    limits = Limits(**json.loads(files.readline()))
    confine(limits)
    while header := files.readline():
        job = json.loads(header)
        data = files.read(job["size"])
        allow_cpu(limits.cpu_seconds)
        answer, spent = _answer(job["name"], data, limits, job["chosen"])
        _send(answers, answer)
        if spent:
            return  # memory in pieces; the next file gets a fresh process


def _answer(name: str, data: bytes, limits: Limits, chosen: Chosen) -> tuple[bytes, bool]:
    try:
        return _encoded(packed(read_notes(name, data, limits=limits, chosen=chosen))), False
    except (BadNote, BadFile) as error:
        return _encoded(refused(error)), False
    except MemoryError:
        return b'{"spent": "memory"}', True


def _encoded(answer: dict[str, Any]) -> bytes:  # Any: JSON
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(len(answer).to_bytes(LENGTH, "big"))
    answers.write(answer)
    answers.flush()


if __name__ == "__main__":
    main()
    sys.exit(0)
