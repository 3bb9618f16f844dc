"""Logging in through one's organisation: Streamlit's own routes, a real provider, our accounts."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from tests.ui.accounts import Hands
from tests.ui.provider import Provider, running
from ui.services.accounts import Accounts, Role
from ui.services.logins import COOKIE, Logins
from ui.serving.entrance import Entrance
from ui.serving.gate import Gate
from ui.serving.organisation import providers

HOME = "http://localhost:8501"
STREAMLITS = "_streamlit_user"
ADDRESS = "cora@clinic.example"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running({"email": ADDRESS, "email_verified": True}) as provider:
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "{HOME}/oauth2callback"\ncookie_secret = "{"x" * 40}"\n'
            'client_id = "evicode"\nclient_secret = "between us"\n'
            f'server_metadata_url = "{provider.url}/.well-known/openid-configuration"\n'
        )
        before = config.get_option("secrets.files")
        config.set_option("secrets.files", [str(secrets)])
        secrets_singleton._reset()
        yield provider
        config.set_option("secrets.files", before)
        secrets_singleton._reset()


@pytest.fixture
def accounts(engine: Engine) -> Accounts:
    accounts = Accounts(engine=engine, now=Hands())
    accounts.add("Ada", Role.ADMINISTRATOR, by="test", email="ada@clinic.example")
    accounts.add("Cora", Role.CODER, by="Ada", email=ADDRESS)
    return accounts


@pytest.fixture
def browser(engine: Engine, accounts: Accounts) -> TestClient:
    async def page(_request: Request) -> Response:
        return PlainTextResponse("a note")

    logins = Logins(engine=engine, now=Hands())
    entrance = Entrance(logins, providers=providers)
    app = Starlette(
        routes=[*entrance.routes(), *create_auth_routes(""), Route("/", page)],
        middleware=[
            Middleware(Gate, logins=logins, providers=providers),
            Middleware(SessionMiddleware, secret_key="x" * 40),
        ],
    )
    return TestClient(app, base_url=HOME, client=("127.0.0.1", 5000), follow_redirects=False)


def _come_back(browser: TestClient) -> httpx.Response:
    """From the login page to the provider and back, as a browser does it."""
    on = browser.get("/login/organisation?provider=default")
    to_provider = browser.get(on.headers["location"]).headers["location"]
    back = urlsplit(httpx.get(to_provider).headers["location"])
    home = browser.get(f"{back.path}?{back.query}")
    assert home.headers["location"] == "/"
    return browser.get("/login")


def test_the_login_page_offers_it_only_where_it_is_configured(
    browser: TestClient, provider: Provider
) -> None:
    assert "Log in with your organisation" in browser.get("/login").text
    assert browser.get("/login/organisation?provider=other").status_code == 404


def test_without_a_configuration_its_routes_are_closed(browser: TestClient) -> None:
    assert "your organisation" not in browser.get("/login").text
    assert browser.get("/oauth2callback").status_code == 401


def test_whom_the_provider_vouches_for_gets_their_account_and_our_limits(
    browser: TestClient, provider: Provider
) -> None:
    entered = _come_back(browser)
    assert 'url=/"' in entered.text  # a page, not a redirect: see ui/serving/pages.py
    assert browser.get("/").text == "a note"
    assert browser.cookies.get(COOKIE)
    assert not [name for name in browser.cookies if name.startswith(STREAMLITS)]


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@clinic.example", "email_verified": True},
        {"email": ADDRESS, "email_verified": False},
        {"email": ""},
        {"email": ADDRESS, "iat": 1_700_000_000},
    ],
    ids=["unknown", "unverified", "no address", "long ago"],
)
def test_nobody_else_gets_in_and_no_account_is_made(
    browser: TestClient, provider: Provider, accounts: Accounts, claims: dict[str, object]
) -> None:
    provider.claims = claims
    _come_back(browser)
    assert browser.cookies.get(COOKIE) is None
    assert browser.get("/").status_code == 401
    assert len(accounts.listing()) == 2


def test_a_cookie_that_streamlit_did_not_sign_is_nobody(
    browser: TestClient, provider: Provider
) -> None:
    browser.cookies.set(STREAMLITS, f'{{"email": "{ADDRESS}", "is_logged_in": true}}')
    assert browser.get("/login").status_code == 200
    assert browser.get("/").status_code == 401
