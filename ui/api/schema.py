"""The OpenAPI document: what FastAPI writes of the routes, put right."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from ui.api.models import NewNote
from ui.api.problems import Problem

ABOUT = (
    "Suggestions and decisions on the codes of clinical notes, for programs. The same services, "
    "rights and records as the app: every list is kept before it is sent, every decision is on "
    "disk before it is acknowledged, and the model never decides. Failures are "
    "`application/problem+json` (RFC 9457) and hold no word of a note."
)
_UNUSED = ("HTTPValidationError", "ValidationError")


def described(app: FastAPI) -> None:
    """Let the app describe itself so; written once, when first asked for."""

    def openapi() -> dict[str, Any]:  # Any: OpenAPI
        if app.openapi_schema is None:
            app.openapi_schema = _written(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to change it


def _written(app: FastAPI) -> dict[str, Any]:  # Any: OpenAPI
    document = get_openapi(
        title=app.title, version=app.version, description=ABOUT, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    for name in _UNUSED:
        schemas.pop(name, None)
    _, more = models_json_schema(
        [(Problem, "serialization"), (NewNote, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    schemas |= more["$defs"]
    return document
