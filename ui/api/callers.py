"""Who is calling: by the token they show, or, in single-user mode, whoever uses this computer."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.notes.names import clean
from ui.api.services import Desk, Services
from ui.services.rights import Actor
from ui.serving.request_log import USER

ALONE = "coder"  # who decides in single-user mode, unless the caller says a name
NAME = "X-Coder"  # the header that says it
LONGEST_NAME = 60

SCHEME = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="The token that `POST /v1/login` gives. It ends after 15 minutes without a "
    "request, and 12 hours after the login. In single-user mode none is asked for.",
)
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]


def all_services(request: Request) -> Services:
    """The services of this server, not guarded: for logging in, and for its health."""
    services: Services = request.app.state.services
    return services


def token_of(shown: HTTPAuthorizationCredentials | None) -> str | None:
    """The token of the Authorization header. A cookie is never looked at: browsers send those."""
    return None if shown is None else shown.credentials


def caller(request: Request, shown: Shown) -> Actor:
    """Who is calling. LoggedOff, with the reason, if nobody is, or no longer."""
    services = all_services(request)
    if services.alone:
        name = clean(request.headers.get(NAME, ""))[:LONGEST_NAME]
        actor = Actor(name=name or ALONE, role=None)
    else:
        actor = services.logins.who(token_of(shown))
    request.scope[USER] = actor.name
    return actor


def desk(request: Request, actor: Annotated[Actor, Depends(caller)]) -> Desk:
    """The services, guarded for whoever is calling."""
    return all_services(request).of(actor)


AtDesk = Annotated[Desk, Depends(desk)]
All = Annotated[Services, Depends(all_services)]
