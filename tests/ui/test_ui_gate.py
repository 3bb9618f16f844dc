"""The gate and the login page, over HTTP: who is let in, who is led where, with what headers."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import (
    TestClient,
    WebSocketDenialResponse,
    WebSocketTestSession,
)
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.errors import BadSettings
from tests.ui.accounts import PASSWORD, Hands, an_account
from ui.services.accounts import Accounts, Role
from ui.services.logins import COOKIE, Logins
from ui.serving.entrance import Entrance
from ui.serving.gate import Gate, OnlyOurPages, OnlyThisComputer
from ui.serving.headers import HEADERS, SafeHeaders
from ui.serving.ownership import Ownership
from ui.serving.request_log import RequestLog
from ui.serving.requests import local_path
from ui.serving.surface import surface

LOCAL = "http://localhost:8501"
SOCKET = "ws://localhost:8501/_stcore/stream"


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a note")


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await websocket.send_bytes(await websocket.receive_bytes())


def _client(routes: list[Route], *middleware: Middleware, host: str = LOCAL) -> TestClient:
    """A browser on this computer, before the real gate, with a page behind it."""
    behind = [WebSocketRoute("/_stcore/stream", _socket), Route("/{path:path}", _page)]
    app = Starlette(routes=[*routes, *behind], middleware=[Middleware(SafeHeaders), *middleware])
    return TestClient(app, base_url=host, client=("127.0.0.1", 5000), follow_redirects=False)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def logins(engine: Engine, hands: Hands) -> Logins:
    return Logins(engine=engine, now=hands)


@pytest.fixture
def accounts(engine: Engine, hands: Hands) -> Accounts:
    accounts = Accounts(engine=engine, now=hands)
    an_account(accounts)
    an_account(accounts, "Ada", Role.ADMINISTRATOR)
    return accounts


@pytest.fixture
def browser(logins: Logins) -> Iterator[TestClient]:
    with _browser(logins) as client:
        yield client


def _browser(logins: Logins, host: str = LOCAL) -> TestClient:
    entrance = Entrance(logins, providers=dict)
    return _client(entrance.routes(), Middleware(Gate, logins=logins, providers=dict), host=host)


def _open_socket(browser: TestClient) -> WebSocketTestSession:
    cookie = f"{COOKIE}={browser.cookies[COOKIE]}"
    return browser.websocket_connect(SOCKET, headers={"Cookie": cookie})


def _send(browser: TestClient, *, origin: str = LOCAL, **fields: str) -> object:
    return browser.post("/login", data=fields, headers={"Origin": origin})


def _log_in(browser: TestClient, name: str = "Cora") -> None:
    _send(browser, name=name, password=PASSWORD)
    assert browser.cookies.get(COOKIE)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/review?note=3", "/media/abc.csv", "/static/js/index.js", "/component/x/y.js"),
        *("/_stcore/metrics", "/_stcore/host-config", "/_stcore/upload_file/a/b"),
        *("/_stcore/script-health-check", "/auth/login", "/oauth2callback"),
        *("/login/organisation", "/login/x"),
    ],
)
def test_without_a_login_nothing_answers(
    browser: TestClient, accounts: Accounts, path: str
) -> None:
    answer = browser.get(path)
    assert answer.status_code == 401
    assert "a note" not in answer.text
    assert "static" in path or answer.headers["cache-control"] == "no-store"


def test_the_socket_is_refused_without_a_login(browser: TestClient, accounts: Accounts) -> None:
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET):
        pass


def test_a_page_without_a_login_leads_to_the_login_and_back(
    browser: TestClient, accounts: Accounts
) -> None:
    answer = browser.get("/review?note=3")
    assert 'content="0; url=/login?next=%2Freview%3Fnote%3D3"' in answer.text
    form = browser.get("/login?next=%2Freview%3Fnote%3D3")
    assert 'value="/review?note=3"' in form.text
    entered = _send(browser, name="Cora", password=PASSWORD, next="/review?note=3")
    assert 'content="0; url=/review?note=3"' in entered.text
    assert browser.get("/review?note=3").text == "a note"


def test_the_cookie_is_out_of_scripts_and_other_sites_reach(
    browser: TestClient, accounts: Accounts
) -> None:
    cookie = _send(browser, name="Cora", password=PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Max-Age" not in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure_and_stays_there(
    logins: Logins, accounts: Accounts
) -> None:
    browser = _browser(logins, host="https://evicode.clinic.example")
    entered = _send(
        browser, origin="https://evicode.clinic.example", name="Cora", password=PASSWORD
    )
    assert "Secure" in entered.headers["set-cookie"]
    assert entered.headers["strict-transport-security"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9000"])
def test_a_form_from_another_page_is_refused(
    browser: TestClient, accounts: Accounts, origin: str
) -> None:
    answer = _send(browser, origin=origin, name="Cora", password=PASSWORD)
    assert (answer.status_code, browser.cookies.get(COOKIE)) == (403, None)


def test_a_wrong_password_shows_the_form_again_and_never_the_password(
    browser: TestClient, accounts: Accounts
) -> None:
    answer = _send(browser, name='<b>"Cora', password="hunter2 hunter2")  # noqa: S106
    assert answer.status_code == 403
    assert "name and password do not go together" in answer.text
    assert "&lt;b&gt;&#34;Cora" in answer.text
    assert "hunter2" not in answer.text


def test_a_form_that_is_too_large_is_not_read(browser: TestClient, accounts: Accounts) -> None:
    answer = _send(browser, name="Cora", password=PASSWORD, more="x" * 5_000)
    assert (answer.status_code, browser.cookies.get(COOKIE)) == (403, None)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        None,
        "/a\nb",
    ],
)
def test_the_way_back_never_leaves_the_app(wanted: str | None) -> None:
    assert local_path(wanted) == "/"
    assert local_path("/review?note=3") == "/review?note=3"


def test_the_first_account_is_only_made_on_this_computer(logins: Logins) -> None:
    afar = _browser(logins, host="http://evicode.clinic.example")
    fields = {"name": "Eve", "password": PASSWORD, "again": PASSWORD}
    form = afar.get("/login")
    assert "python -m db user add" in form.text
    assert "<form" not in form.text
    _send(afar, origin="http://evicode.clinic.example", **fields)
    proxied = _browser(logins)
    proxied.headers["X-Forwarded-For"] = "203.0.113.5"
    _send(proxied, **fields)
    assert logins.is_first_run()
    here = _browser(logins)
    assert "the two passwords differ" in _send(here, **(fields | {"again": "x"})).text
    _send(here, **fields)
    assert here.get("/").text == "a note"


def test_an_idle_browser_is_led_to_the_login_which_says_why(
    browser: TestClient, accounts: Accounts, hands: Hands
) -> None:
    _log_in(browser)
    hands.move(minutes=15)
    assert browser.get("/").status_code == 401
    assert "after 15 minutes without work" in browser.get("/login").text


def test_an_open_socket_says_so_once_and_is_closed_when_its_login_is_over(
    browser: TestClient, accounts: Accounts, logins: Logins
) -> None:
    _log_in(browser)
    with _open_socket(browser) as socket:
        socket.send_bytes(b"1")
        assert socket.receive_bytes() == b"1"
        logins.log_out_everywhere(browser.cookies[COOKIE])
        socket.send_bytes(b"2")
        assert socket.receive_bytes() == b"2"  # for the page to say so; services refuse all it asks
        socket.send_bytes(b"3")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_metrics_are_for_administrators_and_the_interface_for_programs_is_for_nobody(
    browser: TestClient, logins: Logins, accounts: Accounts
) -> None:
    _log_in(browser)
    assert browser.get("/_stcore/metrics").status_code == 403
    assert browser.get("/_stcore/agent/openapi.json").status_code == 404
    ada = _browser(logins)
    _log_in(ada, "Ada")
    assert ada.get("/_stcore/metrics").status_code == 200


def test_a_file_is_for_the_login_that_was_shown_its_button(
    browser: TestClient, logins: Logins, accounts: Accounts
) -> None:
    _log_in(browser)
    message = ForwardMsg()
    message.delta.new_element.download_button.url = "/media/abc.csv"
    with _open_socket(browser) as socket:
        socket.send_bytes(message.SerializeToString())
        socket.receive_bytes()
    assert browser.get("/media/abc.csv").status_code == 200
    assert browser.get("/media/abd.csv").status_code == 403
    other = _browser(logins)
    _log_in(other)
    assert other.get("/media/abc.csv").status_code == 403


def test_a_note_that_quotes_the_address_of_a_file_opens_nothing() -> None:
    message = ForwardMsg()
    message.delta.new_element.text.body = "/media/abc.csv"
    ownership = Ownership()
    ownership.tell("token", message.SerializeToString())
    assert not ownership.is_owner("/media/abc.csv", "token")


@pytest.mark.parametrize("path", ["/", "/login", "/media/x.csv", "/static/x.js", "/_stcore/health"])
def test_every_answer_carries_the_headers(
    browser: TestClient, accounts: Accounts, path: str
) -> None:
    answer = browser.get(path)
    assert all(answer.headers[name] == value for name, value in HEADERS.items())
    stated = answer.headers["content-security-policy"].split("; ")
    policy = dict(part.split(" ", 1) for part in stated)
    assert policy["script-src"] == "'self' blob:"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert not any(word in str(policy) for word in ("*", "http:", "https:", "unsafe-eval"))


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000", "null"])
def test_what_a_page_of_another_site_sends_never_reaches_streamlit(origin: str) -> None:
    client = _client([], Middleware(OnlyOurPages))
    assert client.get("/", headers={"Origin": LOCAL}).status_code == 200
    assert client.get("/").status_code == 200
    theirs = {"Origin": origin}
    assert client.get("/_stcore/host-config", headers=theirs).status_code == 403
    assert client.put("/_stcore/upload_file/a/b", headers=theirs).status_code == 403
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect(SOCKET, headers=theirs),
    ):
        pass
    assert refused.value.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "address", "headers", "status"),
    [
        (LOCAL, "127.0.0.1", {}, 200),
        ("http://[::1]:8501", "::1", {}, 200),
        ("http://rebound.example:8501", "127.0.0.1", {}, 403),
        (LOCAL, "192.168.1.7", {}, 403),
        (LOCAL, "127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),
        (LOCAL, "127.0.0.1", {"Forwarded": "for=203.0.113.5"}, 403),
    ],
)
def test_in_single_user_mode_only_this_computer_gets_an_answer(
    host: str, address: str, headers: dict[str, str], status: int
) -> None:
    app = Starlette(routes=[Route("/", _page)], middleware=[Middleware(OnlyThisComputer)])
    client = TestClient(app, base_url=host, client=(address, 5000), headers=headers)
    assert client.get("/").status_code == status


def test_the_surface_is_the_gate_unless_single_user_mode_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_DATABASE", str(tmp_path / "new.sqlite"))
    always = SafeHeaders, RequestLog, OnlyOurPages
    alone = surface(address="localhost", base_path="")
    assert [each.cls for each in alone.middleware] == [*always, OnlyThisComputer]
    monkeypatch.delenv("EVICODE_SINGLE_USER")
    served = surface(address="0.0.0.0", base_path="")  # noqa: S104
    assert [each.cls for each in served.middleware] == [*always, Gate]
    with pytest.raises(BadSettings, match="baseUrlPath"):
        surface(address="localhost", base_path="evicode")
    monkeypatch.setenv("EVICODE_SINGLE_USER", "1")
    with pytest.raises(BadSettings, match="only runs on localhost"):
        surface(address=None, base_path="")


def test_a_database_that_does_not_answer_lets_nobody_in(
    logins: Logins, accounts: Accounts, engine: Engine
) -> None:
    browser = _browser(logins)
    _log_in(browser)
    engine.dispose()
    Path(engine.url.database or "").write_bytes(b"not a database any more" * 400)
    for ending in ("-wal", "-shm"):
        Path(f"{engine.url.database}{ending}").unlink(missing_ok=True)
    assert browser.get("/").status_code == 503
