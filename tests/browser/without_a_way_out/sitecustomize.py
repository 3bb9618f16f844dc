"""Put first on a server's PYTHONPATH: writes down every address its Python asks for or connects to.

Names and addresses of this machine are left out. What Python does without sockets of its own
(a library in C) is not seen.
"""

import os
import sys

_FILE = os.environ["TEST_OUTBOUND"]
_HERE = ("127.", "::1", "localhost", "0.0.0.0", "/")  # noqa: S104  (not bound: compared)
_ASKED = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


def _look(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _ASKED:
        return
    address = arguments[0] if event.startswith("socket.get") else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host and not str(host).startswith(_HERE):
        with open(_FILE, "a", encoding="utf-8") as file:
            file.write(f"{event} {host}\n")


sys.addaudithook(_look)
