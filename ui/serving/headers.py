"""Headers of every answer: what a page may load, that nobody frames it, that nothing is kept."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.serving.requests import is_https

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",  # blob: is how Streamlit loads a v2 component
    "style-src": "'self' 'unsafe-inline'",  # Streamlit writes its styles as it draws
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would take the Origin off the login form
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
DENIES = "websocket.http.response"  # ASGI's name for refusing a socket by an answer
STARTS = ("http.response.start", "websocket.accept", f"{DENIES}.start")
KEPT = "/static/"  # scripts and fonts of Streamlit; nothing else may stay in a browser's cache


class SafeHeaders:
    """Sets HEADERS on every answer, and no-store on all but Streamlit's own files.

    On the answer to a socket's request too, whether it is let in or refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "websocket.close" and not started and can_deny(scope):
                message = {"type": f"{DENIES}.start", "status": 403, "headers": []}
                _set_headers(scope, message)
                await send(message)
                message = {"type": f"{DENIES}.body", "body": b"refused"}
            elif message["type"] in STARTS:
                started = True
                _set_headers(scope, message)
            await send(message)

        await self._app(scope, receive, with_headers)


def can_deny(scope: Scope) -> bool:
    """Whether a socket can be refused by an answer that has headers, as uvicorn offers it."""
    return DENIES in scope.get("extensions", {})


def _set_headers(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    headers.update(HEADERS)
    if not scope["path"].startswith(KEPT):
        headers["Cache-Control"] = "no-store"
    if is_https(scope):
        headers["Strict-Transport-Security"] = "max-age=31536000"
