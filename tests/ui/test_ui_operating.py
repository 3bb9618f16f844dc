"""What machines ask: /healthz is open and says one word, /metrics is for whoever may operate."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.ui.accounts import PASSWORD, Hands, an_account
from ui.services.accounts import Accounts, Role
from ui.services.health import Health, chosen_health
from ui.services.logins import COOKIE, Logins
from ui.services.watching import Watch
from ui.serving.gate import Gate
from ui.serving.headers import HEADERS, SafeHeaders
from ui.serving.operating import Operating
from ui.serving.request_log import RequestLog

LOCAL = "http://localhost:8501"
SOCKET = "ws://localhost:8501/_stcore/stream"
TOKEN = "a token of thirty-two characters!"  # noqa: S105


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        await websocket.receive_bytes()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def health(engine: Engine, hands: Hands) -> Health:
    return chosen_health(engine, watch=Watch(now=hands), version="1", now=hands)


@pytest.fixture
def logins(engine: Engine, hands: Hands) -> Logins:
    accounts = Accounts(engine=engine, now=hands)
    an_account(accounts)
    an_account(accounts, "Ada", Role.ADMINISTRATOR)
    return Logins(engine=engine, now=hands)


@pytest.fixture
def browser(health: Health, logins: Logins) -> Iterator[TestClient]:
    gate = Middleware(Gate, logins=logins, providers=dict)
    app = Starlette(
        routes=[
            *Operating(health).routes(),
            WebSocketRoute("/_stcore/stream", _socket),
            Route("/{path:path}", _page),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(RequestLog), gate],
    )
    with TestClient(app, base_url=LOCAL, client=("127.0.0.1", 5000)) as client:
        yield client


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a note")


def _log_in(browser: TestClient, logins: Logins, name: str) -> None:
    browser.cookies.set(COOKIE, logins.log_in(name, PASSWORD))


def test_healthz_is_open_and_says_nothing_but_ok(browser: TestClient) -> None:
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_healthz_says_so_when_the_database_does_not_answer(
    browser: TestClient, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        connection.exec_driver_sql("ALTER TABLE users RENAME TO gone")
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert "users" not in answer.text


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
def test_metrics_are_for_administrators(browser: TestClient, logins: Logins, path: str) -> None:
    assert browser.get(path).status_code == 401
    _log_in(browser, logins, "Cora")
    assert browser.get(path).status_code == 403
    _log_in(browser, logins, "Ada")
    assert browser.get(path).status_code == 200


def test_metrics_are_numbers_with_no_name_among_them(
    browser: TestClient, logins: Logins, health: Health
) -> None:
    _log_in(browser, logins, "Ada")
    health.watch.call("Coding.apply", seconds=0.05, error=None, user="Cora")
    said = browser.get("/metrics").text
    assert "evicode_logins 1" in said
    assert 'evicode_call_seconds{call="Coding.apply",quantile="0.95"} 0.0500' in said
    assert "Cora" not in said
    assert "Ada" not in said
    for line in said.splitlines():
        name, _, number = line.rpartition(" ")
        assert name.startswith("evicode_")
        assert float(number) >= 0


def test_a_machine_reads_metrics_with_the_token_and_nothing_else(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert browser.get("/metrics", headers=shown).status_code == 401
    monkeypatch.setenv("EVICODE_METRICS_TOKEN", TOKEN)
    assert browser.get("/metrics", headers=shown).status_code == 200
    assert browser.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    assert browser.get("/metrics", headers={"Authorization": ""}).status_code == 401
    for path in ("/", "/review", "/_stcore/metrics", "/media/x.csv"):
        assert browser.get(path, headers=shown).status_code == 401


def test_the_answer_to_a_socket_carries_the_headers_let_in_or_refused(
    browser: TestClient, logins: Logins
) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused, browser.websocket_connect(SOCKET):
        pass
    assert refused.value.status_code == 401
    found = refused.value.headers
    assert {name: found[name] for name in HEADERS} == HEADERS
    token = logins.log_in("Cora", PASSWORD)
    headers = {"Cookie": f"{COOKIE}={token}"}
    with browser.websocket_connect(SOCKET, headers=headers) as socket:
        sent = {name.decode(): value.decode() for name, value in socket.extra_headers}
    assert {name: sent[name.lower()] for name in HEADERS} == HEADERS
    assert sent["cache-control"] == "no-store"
