"""Uploads are read apart: in a child process with little memory, little time and no way out.

One child reads a whole batch; when a file breaks it, that file is refused, with the limit it ran
into, and the next gets a fresh child. Nothing a file does there reaches the server.
"""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from core.errors import BadFile, BadInput, BadNote
from core.notes.limits import Limits
from core.notes.names import told
from core.notes.reading import DEFAULTS, Reading
from core.notes.tables import NOTHING_CHOSEN, Chosen
from core.notes.wire import LENGTH, refusal, unpacked

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; sys.path.insert(0, sys.argv[1]); from core.notes.child import main; main()"
ENVIRONMENT = {  # all a child sees of ours: no key, no password, no path
    "LC_ALL": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",  # each thread would take address space
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve more than the limit at once
}
ADVICE = "split it, save it anew, or upload the note as plain text"


def read_apart(
    files: Iterable[tuple[str, bytes]],
    *,
    limits: Limits = DEFAULTS,
    chosen: Chosen = NOTHING_CHOSEN,
) -> Iterator[Reading | BadInput]:
    """For each file in turn its reading, or why it is refused. Raises nothing for a bad file.

    chosen: as for `read_notes`, of all of the files.
    """
    child: _Child | None = None
    try:
        for name, data in files:
            if len(data) > limits.file_bytes:
                yield BadNote(
                    f"{told(name)}: {len(data) / 1e6:.1f} MB is more than the "
                    f"{limits.file_bytes / 1e6:g} MB a file may have; split it"
                )
                continue
            if child is None or not child.usable:
                if child is not None:
                    child.end()
                child = _Child(limits=limits)
            yield child.read(name, data, chosen)
    finally:
        if child is not None:
            child.end()


@dataclass(kw_only=True)
class _Child:
    """One child process, its two pipes, and the clock that ends it."""

    limits: Limits
    process: "subprocess.Popen[bytes]" = field(init=False)
    usable: bool = True
    late: bool = False

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (our interpreter, our module)
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", START, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback there would hold note text
            env=ENVIRONMENT,
        )
        self._send(json.dumps(asdict(self.limits)).encode() + b"\n")

    def read(self, name: str, data: bytes, chosen: Chosen) -> Reading | BadInput:
        """The reading of one file, or why there is none. After a crash the child is not usable."""
        clock = threading.Timer(self.limits.wall_seconds, self._stop)
        clock.start()
        try:
            job = {"name": name, "size": len(data), "chosen": dict(chosen)}
            self._send(json.dumps(job).encode() + b"\n" + data)
            answer = self._receive()
        finally:
            clock.cancel()
        self.usable = answer is not None and not self.late
        if answer is None:
            return BadFile(f"{told(name)}: {self._cause()}; {ADVICE}")
        return self._understood(name, answer)

    def end(self) -> None:
        """Close the pipes and wait; a child that does not end by itself is killed."""
        for pipe in (self.process.stdin, self.process.stdout):
            _close(pipe)
        try:
            self.process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _stop(self) -> None:
        self.late = True
        self.process.kill()

    def _send(self, data: bytes) -> None:
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):  # it died; no answer will come, and that is told
                self.process.stdin.write(data)
                self.process.stdin.flush()

    def _receive(self) -> bytes | None:
        """One whole answer, or None: the child died, or says more than any file can hold."""
        pipe = self.process.stdout
        start = pipe.read(LENGTH) if pipe else b""
        size = int.from_bytes(start, "big")
        if pipe is None or len(start) < LENGTH or size > self.limits.memory_bytes:
            return None
        answer = pipe.read(size)
        return answer if len(answer) == size else None

    def _understood(self, name: str, answer: bytes) -> Reading | BadInput:
        said = json.loads(answer)
        if "spent" in said:
            self.usable = False
            return BadFile(f"{told(name)}: {self._memory()}; {ADVICE}")
        if "refused" in said:
            return refusal(said)
        return unpacked(said)

    def _cause(self) -> str:
        self.process.kill()
        code = self.process.wait()
        if self.late:
            return f"reading it took more than {self.limits.wall_seconds} seconds"
        if code == -signal.SIGXCPU:
            return f"reading it took more than {self.limits.cpu_seconds} seconds of computing"
        if code == -signal.SIGABRT:  # what libraries do when memory is refused
            return self._memory()
        return "its reader broke off; the file is damaged, or was made to do so"

    def _memory(self) -> str:
        return f"reading it took more than {self.limits.memory_bytes / 1e6:,.0f} MB of memory"


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()
