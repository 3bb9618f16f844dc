"""What is refused before any of it is read: large bodies, foreign origins, other computers."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.notes import Limits
from ui.api.problems import answer
from ui.serving.requests import is_from_elsewhere, is_local

NOTES = "/v1/notes"
LARGEST = 2_000_000  # bytes; a note of the most characters fits, whatever its alphabet
LARGEST_UNKNOWN = 16_384  # from who shows no token: enough to log in


class SmallBodies:
    """Takes a body whole, or refuses it with 413 as soon as it is known to be too large."""

    def __init__(self, app: ASGIApp, *, alone: bool) -> None:
        self._app, self._alone = app, alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope)
        body = await _body(scope, receive, most)
        if body is None:
            said = f"more than the {most / 1e6:g} MB that may be sent here; send less at once"
            await answer(413, said)(scope, receive, send)
            return
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)

    def _most(self, scope: Scope) -> int:
        if not self._alone and "authorization" not in HTTPConnection(scope).headers:
            return LARGEST_UNKNOWN
        return Limits().file_bytes if scope["path"] == NOTES else LARGEST


class OnlyOurCallers:
    """Refuses what a page of another site sends; alone, also whatever is not this computer's."""

    def __init__(self, app: ASGIApp, *, alone: bool) -> None:
        self._app, self._alone = app, alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = ""
        if scope["type"] == "http" and is_from_elsewhere(scope):
            why = "this came from a page of another site"
        elif scope["type"] == "http" and self._alone and not is_local(scope):
            why = "single-user mode: only on this computer"
        if why:
            await answer(403, why)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body; None if it is larger than `most`, without reading it where it says so."""
    said = HTTPConnection(scope).headers.get("content-length", "0")
    if said.isascii() and said.isdigit() and int(said[:20]) > most:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)
