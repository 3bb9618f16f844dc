"""What stands between the network and the pages: safe headers, the log, the gate, the login page.

Pages are Streamlit's; everything here is plain ASGI around it (docs/decisions/0016-who-is-who.md).
"""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config

from core.errors import BadSettings, EvicodeError
from core.settings import settings
from db import connect, migrate
from ui import VERSION
from ui.identity import now, watch
from ui.services.alone import is_single_user
from ui.services.health import Health, chosen_health
from ui.services.logins import Logins
from ui.services.logs import event, set_up
from ui.serving.entrance import Entrance
from ui.serving.gate import Gate, OnlyOurPages, OnlyThisComputer
from ui.serving.headers import SafeHeaders
from ui.serving.operating import Operating
from ui.serving.organisation import providers
from ui.serving.request_log import RequestLog


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What `st.App` is given besides the script."""

    routes: Sequence[Route]
    middleware: Sequence[Middleware]
    health: Health


def opened_surface() -> Surface:
    """The surface of this server, with its log and its backups.

    Ends the program, saying why, if the settings are bad or it would not be a safe one.
    """
    try:
        opened = surface(
            address=config.get_option("server.address"),
            base_path=config.get_option("server.baseUrlPath"),
        )
        set_up(settings())
    except EvicodeError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None
    event("start", version=VERSION, single_user=settings().single_user)
    _keep_backing_up(opened.health)
    return opened


def surface(*, address: str | None, base_path: str | None) -> Surface:
    """Headers and log; then the gate, or in single-user mode a look at where a request is from.

    BadSettings if single-user mode is asked for where others can reach it, or if the app is to
    live below a path.
    """
    if (base_path or "").strip("/"):
        raise BadSettings(
            "server.baseUrlPath is set, and the gate only knows the app at the top of a host; "
            "give the app a host name of its own"
        )
    alone = is_single_user(address=address)
    engine = connect()
    migrate(engine)
    health = chosen_health(engine, watch=watch(), version=VERSION, now=now)
    guards = [Middleware(SafeHeaders), Middleware(RequestLog), Middleware(OnlyOurPages)]
    routes = Operating(health).routes()
    if alone:
        guards.append(Middleware(OnlyThisComputer))
    else:
        logins = Logins(engine=engine, now=now)
        guards.append(Middleware(Gate, logins=logins, providers=providers))
        routes += Entrance(logins, providers=providers).routes()
    return Surface(routes=routes, middleware=guards, health=health)


def _keep_backing_up(health: Health) -> None:
    """In a thread that ends with the program; a backup it leaves half-written has no name yet."""
    if health.backups is None:
        return
    never = threading.Event()
    work = threading.Thread(
        target=health.backups.keep_writing, args=(never,), name="backups", daemon=True
    )
    work.start()
