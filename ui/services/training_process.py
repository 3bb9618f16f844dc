"""The private folder of a training run, and the process that works in it.

    feedback.jsonl  charts.jsonl   what is learned and rehearsed: text of notes, so mode 700
    progress.json                  how far the process is
    NAME/                          the checkpoint, once it is done; until then the trainer's state
    lock  pid                      the process holds the lock as long as it lives

The lock is the kernel's: it goes with the process however that ends, so a run that was killed, or
lost with the machine, is never taken for one that goes on.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path

import core
from core.errors import Conflict
from core.settings import PREFIX, Settings
from core.training.progress import Progress, read_progress

NICENESS = 10  # the app comes first
PATIENCE = 10.0  # seconds a process has to end by itself
_LOOK_EVERY = 0.05  # seconds


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps what it needs until it is done."""

    path: Path

    @property
    def feedback(self) -> Path:
        return self.path / "feedback.jsonl"

    @property
    def charts(self) -> Path:
        return self.path / "charts.jsonl"

    @property
    def model(self) -> Path:
        return self.path / self.path.name  # a checkpoint is called like its folder

    def progress(self) -> Progress | None:
        """What the process last said."""
        return read_progress(self.path / "progress.json")

    def is_here(self) -> bool:
        """Whether this machine has the folder."""
        return self.path.is_dir()

    def make(self) -> None:
        """Nobody but the user the app runs as may look into it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Delete it with all text of notes in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def is_alive(self) -> bool:
        """Whether a process works in it."""
        try:
            with (self.path / "lock").open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @contextmanager
    def held(self) -> Iterator[int]:
        """Work in it, alone. Conflict if somebody does already.

        Gives the file to pass on: a process that inherits it goes on holding the lock.
        """
        with (self.path / "lock").open("ab") as file:
            for left in range(20, -1, -1):  # others hold it for a moment to look
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not left:
                        raise Conflict("this training run goes on; reload the page") from None
                    time.sleep(_LOOK_EVERY)
            yield file.fileno()

    def start(self, arguments: Sequence[str], *, lock: int) -> subprocess.Popen[bytes]:
        """Start `python -m core` on its own: it outlives the browser and the app."""
        for of_the_last in ("progress.json", "pid"):
            (self.path / of_the_last).unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-m", "core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(lock,),
            env=_environment(),
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        (self.path / "pid").write_text(str(process.pid))
        return process

    def stop(self) -> None:
        """End the process and all it started; what it saved stays."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + PATIENCE
            while self.is_alive() and time.monotonic() < until:
                with suppress(OSError, ValueError):
                    os.killpg(int((self.path / "pid").read_text()), how)
                time.sleep(_LOOK_EVERY)

    def holds(self, digests: frozenset[str]) -> bool:
        """Whether one of these texts, by SHA-256, is among what is learned."""
        return any(
            hashlib.sha256(json.loads(line)["text"].encode()).hexdigest() in digests
            for file in (self.feedback, self.charts)
            if file.exists()
            for line in file.read_text("utf-8").splitlines()
        )


def _environment() -> dict[str, str]:
    """Ours without secrets, which training needs none of, and with a core left to the app."""
    secret = {f"{PREFIX}{one.name.upper()}" for one in fields(Settings) if one.metadata["secret"]}
    root = str(Path(core.__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    threads = str(max(1, (os.cpu_count() or 2) - 1))
    found = {name: value for name, value in os.environ.items() if name not in secret}
    found |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    found["PYTHONPATH"] = paths
    return found
