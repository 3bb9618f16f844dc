"""The endpoint as a program calls it: the real app in this process, on a real database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from core.inference import Coder
from tests.ui.accounts import PASSWORD, an_account
from ui.api.app import api
from ui.api.services import composed
from ui.services.accounts import Accounts, Role

HOST = "http://localhost:8600"
HERE = ("127.0.0.1", 5000)
PEOPLE = {
    "Cora": Role.CODER,
    "Carl": Role.CODER,
    "Sue": Role.SECOND_CODER,
    "Aud": Role.AUDITOR,
    "Lena": Role.LEAD,
    "Ada": Role.ADMINISTRATOR,
}
JSON = Mapping[str, Any]  # Any: JSON
Response = Any  # of the client that Starlette tests with


@dataclass(kw_only=True)
class Caller:
    """Somebody's program: what it sends carries their token."""

    client: TestClient
    token: str | None = None

    def call(self, method: str, path: str, **more: Any) -> Response:  # Any: httpx's
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        return self.client.request(method, f"/v1{path}", headers=headers, **more)

    def get(self, path: str, **more: Any) -> Response:  # Any: httpx's
        return self.call("GET", path, **more)

    def post(self, path: str, body: JSON | None = None, **more: Any) -> Response:  # Any: httpx's
        return self.call("POST", path, **({"json": body} if body is not None else {}), **more)

    def keep(self, text: str, name: str = "letter") -> int:
        """Store a note; its number."""
        answer = self.post("/notes", {"id": name, "text": text})
        assert answer.status_code in (200, 201), answer.text
        return int(answer.json()["notes"][0]["note"])

    def decide(self, note: int, kind: str, code: str, **more: Any) -> Response:  # Any: JSON
        named = {"system": "ICD-10-CM", "code": code}
        sent = {"kind": kind, "code": named, "seen": 0} | more
        headers = sent.pop("headers", {})
        return self.post(f"/notes/{note}/decisions", sent, headers=headers)


@dataclass(kw_only=True)
class Office:
    """A server with accounts, and a caller for each of them."""

    engine: Engine
    client: TestClient

    def caller(self, name: str | None) -> Caller:
        """A caller who has logged in; None: one who has not."""
        if name is None:
            return Caller(client=self.client)
        sent = {"name": name, "password": PASSWORD}
        answer = self.client.post("/v1/login", json=sent)
        assert answer.status_code == 200, answer.text
        return Caller(client=self.client, token=answer.json()["token"])


def office(engine: Engine, coder: Coder | None, now: Callable[[], datetime]) -> Office:
    """The endpoint with accounts for PEOPLE."""
    accounts = Accounts(engine=engine, now=now)
    for name, role in PEOPLE.items():
        an_account(accounts, name, role)
    services = composed(engine, coder, alone=False, now=now, problem="No suggestions: none here")
    return Office(engine=engine, client=browser(api(services)))


def browser(app: FastAPI, *, host: str = HOST, client: tuple[str, int] = HERE) -> TestClient:
    """A client of this app. Errors nobody expected are answers, as from a real server."""
    return TestClient(app, base_url=host, client=client, raise_server_exceptions=False)
