"""One run in a process of its own: `python -m core.experiments.child FOLDER`.

What it does to itself (memory, a crash, a kill) touches no other run. It ends with its parent.
"""

import os
import shutil
import sys
import threading
import traceback
from pathlib import Path

from core.errors import BadFile, EvicodeError
from core.experiments.keeping import FAILED, RESULT, SPEC, Json, keep_json, kept, locked
from core.experiments.run import Spec, run

TRAINING = "training"


def main(folder: Path) -> int:
    """Leave a result or the reason why there is none; a run that has a result is not repeated."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with locked(folder / "lock"):  # of a run whose parent was killed a moment ago
        if kept(folder / RESULT) is not None:
            return 0
        (folder / FAILED).unlink(missing_ok=True)
        try:
            found = _found(folder)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rows go on
            keep_json(folder / FAILED, {"reason": reason(error)})
            traceback.print_tb(error.__traceback__)
            return 1
        keep_json(folder / RESULT, found)
        shutil.rmtree(folder / TRAINING, ignore_errors=True)
    return 0


def reason(error: Exception) -> str:
    """What to tell of an error; an unknown one only by kind and place, as it may quote a note."""
    if isinstance(error, EvicodeError | OSError | RuntimeError | MemoryError):
        said = str(error).strip().splitlines()
        return f"{type(error).__name__}: {said[0][:300]}" if said else type(error).__name__
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _found(folder: Path) -> Json:
    spec = kept(folder / SPEC)
    if spec is None:
        raise BadFile(f"{folder.name} holds no {SPEC}; start the experiment again")
    return run(Spec.from_json(spec), folder / TRAINING, shared=folder.parent)


def _end_with_parent() -> None:
    """The parent holds the other end of stdin: it closes when the parent ends, however it ends."""
    sys.stdin.buffer.read()
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
