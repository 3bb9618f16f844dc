"""The gate: without a login nothing of the app answers, neither pages nor files nor the socket."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import EvicodeError, LoggedOff
from ui.services.logins import Logins
from ui.services.rights import Action, Actor, may
from ui.serving.headers import can_deny
from ui.serving.operating import HEALTHZ, METRICS, has_metrics_token
from ui.serving.ownership import Ownership
from ui.serving.pages import forward
from ui.serving.request_log import USER
from ui.serving.requests import is_from_elsewhere, is_local, token

LOGIN = "/login"
HEALTH = "/_stcore/health"
OPEN = (LOGIN, HEALTH, HEALTHZ)
OPEN_TO_PROVIDERS = ("/login/organisation", "/auth/login", "/oauth2callback")
STREAMLITS_METRICS = "/_stcore/metrics"
AGENTS = "/_stcore/agent"  # Streamlit's interface for programs; nobody here needs it
NO_PAGE = ("/_stcore/", "/media/", "/static/", "/component/", METRICS)


class OnlyOurPages:
    """Refuses what pages of other sites send, before Streamlit is asked.

    Streamlit lets in pages of any port of this computer, and to know others of its own it asks
    Amazon for the server's address: a page elsewhere could make it do so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and is_from_elsewhere(scope):
            await _refuse(scope, receive, send, 403, "this came from another page")
        else:
            await self._app(scope, receive, send)


class OnlyThisComputer:
    """Single-user mode: whoever does not sit at this computer gets no answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (is_local(scope) and not _is_for_programs(scope)):
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, 403, "single-user mode: only on this computer")


class Gate:
    """Lets in who is logged in, and gives files only to the login they were made for."""

    def __init__(
        self, app: ASGIApp, *, logins: Logins, providers: Callable[[], Mapping[str, str]]
    ) -> None:
        self._app, self._logins, self._providers = app, logins, providers
        self._ownership = Ownership()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        if _is_for_programs(scope):
            await _refuse(scope, receive, send, 404, "not offered here")
            return
        try:
            actor = await self._who(scope)
        except LoggedOff as why:
            await _lead_to_login(scope, receive, send, str(why))
        except EvicodeError:
            await _refuse(scope, receive, send, 503, "the database does not answer; try again")
        else:
            await self._let_in(actor, scope, receive, send)

    async def _let_in(self, actor: Actor, scope: Scope, receive: Receive, send: Send) -> None:
        scope[USER] = actor.name
        if scope["type"] == "websocket":
            await self._app(scope, self._watched(scope, receive, send), self._told(scope, send))
        elif scope["path"] in (METRICS, STREAMLITS_METRICS) and not may(actor, Action.OPERATE):
            await _refuse(scope, receive, send, 403, "only for administrators")
        elif not self._ownership.is_owner(scope["path"], token(scope) or ""):
            await _refuse(scope, receive, send, 403, "this file belongs to another login")
        else:
            await self._app(scope, receive, send)

    async def _who(self, scope: Scope) -> Actor:
        """Asking is no work: sockets reconnect by themselves. The pages count what is work."""
        return await run_in_threadpool(self._logins.who, token(scope), works=False)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        if path in OPEN or has_metrics_token(scope):
            return True
        return path in OPEN_TO_PROVIDERS and bool(self._providers())

    def _watched(self, scope: Scope, receive: Receive, send: Send) -> Receive:
        """The socket's messages, until its login is over.

        The first message after that still arrives, so that the page can say so and leave: all it
        asks of a service is refused. With the second the socket is closed.
        """
        over = False

        async def watched() -> Message:
            nonlocal over
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            if over:
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}
            try:
                await self._who(scope)
            except LoggedOff:
                over = True
            return message

        return watched

    def _told(self, scope: Scope, send: Send) -> Send:
        """What goes out by the socket, having noted which files it offers."""
        shown = token(scope) or ""

        async def told(message: Message) -> None:
            if message["type"] == "websocket.send" and message.get("bytes"):
                self._ownership.tell(shown, message["bytes"])
            await send(message)

        return told


def _is_for_programs(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(AGENTS)


async def _lead_to_login(scope: Scope, receive: Receive, send: Send, why: str) -> None:
    """A page for a browser that opens one, and a plain refusal for all else."""
    path: str = scope["path"]
    if scope["type"] == "http" and scope["method"] == "GET" and not path.startswith(NO_PAGE):
        query = scope["query_string"].decode("latin-1")
        back = quote(path + (f"?{query}" if query else ""), safe="")
        page = forward(f"{LOGIN}?next={back}", status=401)
        await page(scope, receive, send)
        return
    await _refuse(scope, receive, send, 401, why)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket" and not can_deny(scope):
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008})  # before accepting: HTTP 403
        return
    response: Response = PlainTextResponse(why, status_code=status)
    await response(scope, receive, send)  # to a socket, too: it is refused by an answer
