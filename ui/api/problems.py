"""What went wrong, as RFC 9457 says it: application/problem+json, and never a word of a note."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import errors
from core.errors import EvicodeError
from ui.api.models import Finding
from ui.services.failures import logged

MEDIA = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "Nobody is logged in",
    403: "Not allowed",
    404: "Not found",
    405: "This method is not offered here",
    409: "Somebody else was first",
    413: "The request is too large",
    415: "This kind of content is not read",
    422: "This cannot be done",
    500: "Something went wrong",
    503: "Not available now",
}
_STATUSES: Mapping[type[EvicodeError], int] = {  # the first that fits
    errors.LoggedOff: 401,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.BadInput: 422,
    errors.BadCheckpoint: 503,
    errors.BadSettings: 503,
}


class Mistake(BaseModel):
    """One place of a request that is not as it should be."""

    at: str = Field(examples=["body.seen"], description="The field, as far as it is one of ours.")
    says: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What went wrong (RFC 9457). No field of it ever holds a word of a note."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    type: str = Field(examples=["urn:evicode:problem:conflict"])
    title: str = Field(examples=[TITLES[409]])
    status: int = Field(examples=[409])
    detail: str = Field(
        examples=["Cora has this chart since 09:12 UTC"], description="In a coder's words."
    )
    mistakes: list[Mistake] = Field(
        default=[], description="Of a request that does not fit the schema."
    )
    findings: list[Finding] = Field(
        default=[], description="Of a chart that cannot be finished: every error of the checks."
    )


class NotFound(Exception):
    """There is no such note for this caller."""


class Blocked(Exception):
    """The checks found errors on a chart that was to be finished."""

    def __init__(self, why: str, findings: Sequence[Finding]) -> None:
        super().__init__(why)
        self.findings = list(findings)


def answer(
    status: int, detail: str, kind: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer to a request that failed. more: further members, JSON."""
    problem = {
        "type": f"urn:evicode:problem:{kind or _dashed(TITLES.get(status, 'problem'))}",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail,
    }
    extra = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    found = {**extra, **(headers or {})}
    return JSONResponse(problem | more, status_code=status, media_type=MEDIA, headers=found)


Documented = dict[int | str, dict[str, Any]]  # Any: OpenAPI


def documented(*statuses: int) -> Documented:
    """The failures of an operation, for its OpenAPI document."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": TITLES[status], "content": {MEDIA: schema}} for status in statuses
    }


def handle(app: FastAPI) -> None:
    """Answer every failure of this app as a problem."""
    app.add_exception_handler(EvicodeError, _evicode_error)
    app.add_exception_handler(RequestValidationError, _mistaken)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(Blocked, _blocked)


class Caught:
    """Answers what nobody expected, with an id that the log has too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            said = f"Something went wrong (id {logged(error)}); ask whoever runs the server"
            await answer(500, said)(scope, receive, send)


async def _evicode_error(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error.__cause__, SQLAlchemyError):  # its message names files of the server
        logged(error)
        busy = "the database does not answer; nothing was kept, try again"
        return answer(503, busy, "database", {"Retry-After": "5"})
    status = next((found for kind, found in _STATUSES.items() if isinstance(error, kind)), 503)
    return answer(status, str(error), _kind(error))


async def _mistaken(_request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    mistakes = [{"at": _place(each), "says": _says(each)} for each in found]
    return answer(422, "the request does not fit the schema", "schema", mistakes=mistakes)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if status == 405:  # Starlette names the methods of one route, and an address may have several
        headers = {"Allow": ", ".join(sorted(_offered(request)))}
    return answer(status, TITLES.get(status, "refused").lower(), headers=headers)


async def _not_found(_request: Request, error: Exception) -> JSONResponse:
    return answer(404, str(error) or "there is no such note")


async def _blocked(_request: Request, error: Exception) -> JSONResponse:
    found = error.findings if isinstance(error, Blocked) else []
    dumped = [each.model_dump(mode="json") for each in found]
    return answer(422, str(error), "blocked", findings=dumped)


def _offered(request: Request) -> set[str]:
    """The methods of this address."""
    found: set[str] = set()
    for route in request.app.state.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found


def _place(mistake: Mapping[str, Any]) -> str:  # Any: pydantic's
    """Where it is, without what the sender wrote: an unknown field may be named anything."""
    where = mistake["loc"]
    where = where[:-1] if mistake["type"] == "extra_forbidden" else where
    return ".".join(str(part) for part in where if isinstance(part, int | str))[:80]


def _says(mistake: Mapping[str, Any]) -> str:  # Any: pydantic's
    if mistake["type"] == "extra_forbidden":
        return "There is a field here that is not known"
    if mistake["type"] in ("union_tag_invalid", "json_invalid"):  # these quote what was sent
        return "It is none of the kinds that are known" if "tag" in mistake["type"] else "No JSON"
    return str(mistake["msg"])[:200]


def _kind(error: Exception) -> str:
    name = type(error).__name__
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in name).strip("-")


def _dashed(title: str) -> str:
    return title.lower().replace(" ", "-")
