"""Write down every connection that a Python program opens and every name it looks up.

Found as `sitecustomize` by the server of test_browser_surface: Python runs it before all else.
"""

import os
import sys
from pathlib import Path

WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


def watch(file: Path) -> None:
    """From now on, and in this process: a line for each."""

    def note(name: str, arguments: tuple[object, ...]) -> None:
        if name in WATCHED:
            said = arguments[-1] if name in ("socket.connect", "socket.sendto") else arguments[0]
            with file.open("a", encoding="utf-8") as opened:
                opened.write(f"{name} {said}\n")

    file.write_text("watching\n", encoding="utf-8")
    sys.addaudithook(note)


if "WATCH_SOCKETS" in os.environ:
    watch(Path(os.environ["WATCH_SOCKETS"]))
