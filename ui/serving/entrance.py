"""The login page: name and password, an organisation's own login, and the first account."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import BadInput, EvicodeError, LoggedOff
from ui.language import msgid, of_request
from ui.services.logins import COOKIE, NOT_LOGGED_IN, Logins
from ui.services.logs import event
from ui.serving import organisation
from ui.serving.pages import forward, login_page
from ui.serving.requests import is_from_our_page, is_https, is_local, local_path, token

T = TypeVar("T")

LONGEST_FORM = 4_096  # bytes
AT_ONCE = 2  # passwords looked at; each takes some 46 MB of memory
NO_SUCH_LOGIN = msgid("there is no such login here")
ELSEWHERE = (
    "nobody has an account yet, and the first one is made on the server itself: open the app there,"
    " or run: python -m db user add NAME --role administrator"
)


class Entrance:
    """Routes that are open to everybody. They hand out cookies, and never a note."""

    def __init__(self, logins: Logins, *, providers: Callable[[], Mapping[str, str]]) -> None:
        self._logins, self._providers = logins, providers
        self._slots: anyio.CapacityLimiter | None = None  # made inside the event loop

    def routes(self) -> list[Route]:
        """The login form, what it sends, and the way to an identity provider."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.enter, methods=["POST"]),
            Route("/login/organisation", self.leave_for_provider, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; or straight on for a browser that is logged in, or comes from a provider."""
        back = local_path(request.query_params.get("next"))
        email = organisation.email(request) if self._providers() else None
        try:
            if email is not None:
                return self._in(request, await self._do(self._logins.log_in_by_email, email), back)
            await self._do(self._logins.who, token(request.scope))
        except LoggedOff as why:
            said = "" if str(why) == NOT_LOGGED_IN else str(why)
            return await self._form(request, back, said=said)
        return forward(back)

    async def enter(self, request: Request) -> Response:
        """Take name and password: a cookie if they are right, the form and the reason if not."""
        if not is_from_our_page(request.scope):
            words = _words(said=msgid("this form came from another page"))
            return login_page(language=_language(request), status=403, **words)
        fields = await _fields(request)
        back = local_path(fields.get("next"))
        name, password = fields.get("name", ""), fields.get("password", "")
        try:
            if await self._do(self._logins.is_first_run):
                self._check_first(request, fields)
                found = await self._do(self._logins.create_first, name, password)
            else:
                found = await self._do(self._logins.log_in, name, password)
        except EvicodeError as why:
            event("login", outcome=type(why).__name__)  # people type passwords into the name
            return await self._form(request, back, said=str(why), name=name[:60], status=403)
        event("login", user=name, outcome="done")
        return self._in(request, found, back)

    async def leave_for_provider(self, request: Request) -> Response:
        """On to the identity provider, by the same way as st.login."""
        provider = request.query_params.get("provider", "")
        if provider not in self._providers():
            return await self._form(
                request, "/", said=msgid("there is no such login here"), status=404
            )
        return RedirectResponse(organisation.address(provider), status_code=303)

    async def _form(
        self, request: Request, back: str, *, said: str, name: str = "", status: int = 200
    ) -> Response:
        first = await self._do(self._logins.is_first_run)
        here = is_local(request.scope)
        said = said or (ELSEWHERE if first and not here else "")
        words = _words(said=said, name=name, next=back, first=first, form=here or not first)
        words |= {"providers": self._providers()}
        page = login_page(language=_language(request), status=status, **words)
        organisation.forget(request, page)
        return page

    def _check_first(self, request: Request, fields: Mapping[str, str]) -> None:
        if not is_local(request.scope):
            raise LoggedOff(ELSEWHERE)
        if fields.get("password") != fields.get("again"):
            raise BadInput("the two passwords differ; type the same one twice")

    def _in(self, request: Request, found: str, back: str) -> Response:
        page = forward(back)
        page.set_cookie(
            COOKIE,
            found,  # no age: the browser forgets it when it closes, the server before that
            httponly=True,
            samesite="strict",
            secure=is_https(request.scope),
            path="/",
        )
        organisation.forget(request, page)
        return page

    async def _do(self, work: Callable[..., T], *args: object) -> T:
        """Work that waits for the database or a hash, beside the event loop and not too much."""
        if self._slots is None:
            self._slots = anyio.CapacityLimiter(AT_ONCE)
        return await anyio.to_thread.run_sync(work, *args, limiter=self._slots)


def _language(request: Request) -> str:
    return of_request(request.cookies, request.headers.get("accept-language", ""))


def _words(**values: object) -> dict[str, object]:
    nothing = {"said": "", "name": "", "next": "/", "first": False, "form": True, "providers": {}}
    return nothing | values


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form; none of one that is larger than any of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return {}
    found = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}
