"""A line in the log for each request: where to, how it ended, how long it took, by whose mark.

An address can hold a name, a code or whatever somebody typed, so only the known part of it is kept.
"""

import logging
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from secrets import token_hex

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.services.failures import logged
from ui.services.logs import event
from ui.serving.headers import STARTS

USER = "evicode.user"  # key of the scope: the gate writes there who it let in
HEADER = "X-Request-Id"
PAGES = Path(__file__).resolve().parents[1] / "pages"
BELOW = (  # addresses of which only the beginning is kept
    *("/static/", "/media/", "/component/", "/_stcore/upload_file/", "/_stcore/", "/login/"),
    "/auth/",
)
WHOLE = ("/", "/login", "/healthz", "/metrics", "/oauth2callback", "/_stcore/stream")
OFTEN = ("/static/", "/component/", "/_stcore/", "/healthz", "/metrics")  # logged at `debug`


class RequestLog:
    """Numbers requests, and logs them when they are over; a socket when it closes.

    What goes wrong on the way is answered here, so that this answer has the headers too. `known`
    tells the part of an address that may be logged.
    """

    def __init__(self, app: ASGIApp, known: Callable[[Scope], str] | None = None) -> None:
        self._app = app
        self._known = known or (lambda scope: known_part(scope["path"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        number, begun, status = token_hex(4), time.monotonic(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] in STARTS:
                status = message.get("status", 101)
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        except Exception as error:  # noqa: BLE001  (logged under an id, and answered)
            await _answer(logged(error), scope, receive, numbered, started=status > 0)
        finally:
            seconds, where = time.monotonic() - begun, self._known(scope)
            _write(scope, where, number=number, status=status, seconds=seconds)


async def _answer(error: str, scope: Scope, receive: Receive, send: Send, *, started: bool) -> None:
    if scope["type"] == "http" and not started:
        said = f"Something went wrong (id {error}). Reload the page; nothing was lost."
        await PlainTextResponse(said, status_code=500)(scope, receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1011})


def _write(scope: Scope, where: str, *, number: str, status: int, seconds: float) -> None:
    often = scope["type"] == "http" and status < 400 and where.startswith(OFTEN)
    fields = {"user": scope[USER]} if USER in scope else {}
    event(
        "request",
        level=logging.DEBUG if often else logging.INFO,
        id=number,
        method=scope.get("method", "socket"),
        path=where,
        status=status,
        ms=round(seconds * 1000, 1),
        **fields,
    )


def known_part(path: str) -> str:
    """The part of an address that can only be ours."""
    if path in WHOLE or path[1:] in _pages():
        return path
    return next((f"{begin}*" for begin in BELOW if path.startswith(begin)), "elsewhere")


@cache
def _pages() -> frozenset[str]:
    return frozenset(path.stem for path in PAGES.glob("*.py"))
