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
STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
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

        async def with_headers(message: Message) -> None:
            if message["type"] in STARTS:
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith(KEPT):
                    headers["Cache-Control"] = "no-store"
                if is_https(scope):
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, with_headers)
