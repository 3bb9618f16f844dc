"""The endpoint as an ASGI app: guards in front, then the routes, every failure a problem."""

from collections.abc import Sequence
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Scope

from ui import VERSION
from ui.api import charts, codes, entrance, notes
from ui.api.bodies import OnlyOurCallers, SmallBodies
from ui.api.problems import Caught, handle
from ui.api.schema import described
from ui.api.services import Services
from ui.serving.headers import SafeHeaders
from ui.serving.request_log import RequestLog

MODULES = (entrance, notes, charts, codes)
READERS_AT_ONCE = 2  # child processes that read FHIR; each may take 512 MB


def api(services: Services) -> FastAPI:
    """The endpoint on these services.

    No page of documentation is served: those of FastAPI load scripts from elsewhere.
    """
    app = _routed(
        middleware=[
            Middleware(SafeHeaders),
            Middleware(RequestLog, known=_known),
            Middleware(Caught),
            Middleware(OnlyOurCallers, alone=services.alone),
            Middleware(SmallBodies, alone=services.alone),
        ],
    )
    app.state.services = services
    app.state.passwords = CapacityLimiter(entrance.AT_ONCE)
    app.state.readers = CapacityLimiter(READERS_AT_ONCE)
    app.state.routes = [route for module in MODULES for route in module.router.routes]
    handle(app)
    return app


def document() -> dict[str, Any]:  # Any: OpenAPI
    """The OpenAPI document: the same for every server."""
    return _routed(middleware=()).openapi()


def _routed(*, middleware: Sequence[Middleware]) -> FastAPI:
    app = FastAPI(
        title="Evicode", version=VERSION, docs_url=None, redoc_url=None, middleware=middleware
    )
    for module in MODULES:
        app.include_router(module.router)
    described(app)
    return app


def _known(scope: Scope) -> str:
    """The address as its route has it: `/v1/notes/{number}`, without what somebody put there."""
    return str(getattr(scope.get("route"), "path", "elsewhere"))
