"""What a process that reads strangers' files may not do: much memory, much time, writing, talking.

Limits of the operating system hold whatever a library does. The audit hook comes on top: it stops
Python code, ours or a library's, from opening a connection, starting a program or writing a file.
"""

import os
import resource
import sys
from typing import Any

from core.notes.limits import Limits

OPEN_FILES = 64
_REFUSED = tuple(
    "socket. subprocess. os.system os.exec os.posix_spawn os.fork os.remove os.rename os.mkdir "
    "os.rmdir os.link os.symlink os.chmod os.truncate shutil. urllib. ftplib. smtplib.".split()
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(limits: Limits) -> None:
    """Give up, for the rest of this process's life, what reading a file does not need."""
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, 0)  # not a byte to any file; pipes are not files
    _limit(resource.RLIMIT_CORE, 0)  # a core dump would hold notes
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    sys.addaudithook(_refuse)


def allow_cpu(seconds: int) -> None:
    """From now on, `seconds` of computing; then the system ends the process with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _refuse(event: str, args: tuple[Any, ...]) -> None:  # Any: each event has its own arguments
    if event == "open":
        flags = args[2] if len(args) > 2 else 0
        if isinstance(flags, int) and flags & _WRITES:
            raise PermissionError("a reader of uploads may not write files")
    elif event.startswith(_REFUSED):
        raise PermissionError(f"a reader of uploads may not do this: {event}")
