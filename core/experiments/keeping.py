"""What runs leave on disk: JSON whole or not at all, and locks that end with their holder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SPEC, RESULT, FAILED = "spec.json", "result.json", "failed.json"  # in a run's folder
Json = dict[str, Any]  # Any: plain JSON


def keep(path: Path, text: str) -> None:
    """Write `text` and only then let it take its name."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def keep_json(path: Path, told: Json) -> None:
    """The same for plain JSON."""
    keep(path, json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def kept(path: Path) -> Json | None:
    """What `keep_json` wrote; None if nothing was, or if it was spoilt since."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else holds this lock; a process that is killed lets go of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
