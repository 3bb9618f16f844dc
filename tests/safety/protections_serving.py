"""What stands before the pages: headers on every answer, and files only for their login."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.safety.protection import Place, Protection
from tests.ui.accounts import PASSWORD, an_account
from ui.identity import now
from ui.services.accounts import Accounts
from ui.services.logins import COOKIE, Logins
from ui.serving.headers import HEADERS
from ui.serving.ownership import Ownership
from ui.serving.surface import surface

FILE = "/media/abc.csv"
PATHS = ("/", "/login", FILE, "/static/x.js", "/_stcore/health", "/_stcore/agent/x")


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a note")


async def _button(websocket: WebSocket) -> None:
    """A page that shows the button of a download."""
    message = ForwardMsg()
    message.delta.new_element.download_button.url = FILE
    await websocket.accept()
    await websocket.send_bytes(message.SerializeToString())
    await websocket.close()


@contextmanager
def _served(place: Place) -> Iterator[Starlette]:
    """Everything that stands before the pages of a server for many, and a page behind it."""
    with pytest.MonkeyPatch.context() as given:
        given.setenv("EVICODE_SINGLE_USER", "0")
        given.setattr("ui.serving.surface.connect", lambda: place.engine)
        before = surface(address="localhost", base_path="")
        pages = [WebSocketRoute("/_stcore/stream", _button), Route("/{path:path}", _page)]
        yield Starlette(routes=[*before.routes, *pages], middleware=before.middleware)


def _browser(app: Starlette, token: str = "") -> TestClient:
    cookies = {COOKIE: token} if token else {}
    address = ("127.0.0.1", 5000)
    host = "http://localhost:8501"
    return TestClient(app, base_url=host, client=address, cookies=cookies, follow_redirects=False)


def every_answer_carries_the_headers(place: Place) -> None:
    with _served(place) as app:
        for path in PATHS:
            answer = _browser(app).get(path)
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path


def a_file_is_for_nobody_without_a_login(place: Place) -> None:
    with _served(place) as app:
        answer = _browser(app).get(FILE)
    assert (answer.status_code, answer.headers["cache-control"]) == (401, "no-store")


def a_file_is_for_the_login_that_was_shown_its_button(place: Place) -> None:
    an_account(Accounts(engine=place.engine, now=now))
    logins = Logins(engine=place.engine, now=now)
    with _served(place) as app:
        mine, other = (_browser(app, logins.log_in("Cora", PASSWORD)) for _ in range(2))
        with mine.websocket_connect("ws://localhost:8501/_stcore/stream") as socket:
            socket.receive_bytes()
        assert mine.get(FILE).status_code == 200
        answer = other.get(FILE)
    assert (answer.status_code, answer.headers["cache-control"]) == (403, "no-store")


def _passed_by(app: ASGIApp, **_: object) -> ASGIApp:
    return app


def _without_the_headers(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ui.serving.surface.SafeHeaders", _passed_by)


def _without_the_gate(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ui.serving.surface.Gate", _passed_by)


def _without_ownership(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ownership, "is_owner", lambda *_: True)


SERVING = (
    Protection(9, every_answer_carries_the_headers, _without_the_headers),
    Protection(10, a_file_is_for_nobody_without_a_login, _without_the_gate),
    Protection(10, a_file_is_for_the_login_that_was_shown_its_button, _without_ownership),
)
