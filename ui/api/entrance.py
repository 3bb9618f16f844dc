"""Logging in and out, and whether the server is well."""

from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response

from core.errors import EvicodeError, NotAllowed
from ui import VERSION
from ui.api.callers import All, Shown, all_services, caller, token_of
from ui.api.models import LoggedIn, LogIn, Well
from ui.api.problems import documented
from ui.services.logs import event
from ui.services.rights import Actor

AT_ONCE = 2  # passwords looked at; each takes some 46 MB of memory
router = APIRouter(prefix="/v1")


@router.get("/health", responses=documented(403, 503), tags=["server"])
def health(services: All) -> Well:
    """Whether the server and its database answer. Open to everybody."""
    services.health.answers()
    return Well(version=VERSION, suggestions=services.suggests())


@router.post("/login", responses=documented(400, 401, 403, 413, 422, 503), tags=["login"])
async def log_in(sent: LogIn, request: Request) -> LoggedIn:
    """A token for name and password. After five failures in a row the name has to wait.

    There is nothing to log in to in single-user mode: leave the token out there (403 here).
    """
    services = all_services(request)
    if services.alone:
        raise NotAllowed("single-user mode knows no accounts; call without a token")
    slots: CapacityLimiter = request.app.state.passwords
    try:
        token = await run_sync(services.logins.log_in, sent.name, sent.password, limiter=slots)
    except EvicodeError as why:
        event("login", outcome=type(why).__name__)  # people type passwords into the name
        raise
    who = await run_sync(services.logins.who, token)
    event("login", user=who.name, outcome="done")
    limits = services.logins.limits
    return LoggedIn(
        token=token,
        idle_minutes=int(limits.idle.total_seconds()) // 60,
        hours=int(limits.absolute.total_seconds()) // 3600,
        name=who.name,
        role="" if who.role is None else who.role.value,
    )


@router.post(
    "/logout", status_code=204, responses=documented(401, 403, 413, 422, 503), tags=["login"]
)
def log_out(services: All, shown: Shown, _actor: Annotated[Actor, Depends(caller)]) -> Response:
    """End this login: its token opens nothing from now on."""
    if not services.alone:
        services.logins.log_out(token_of(shown))
    return Response(status_code=204)
