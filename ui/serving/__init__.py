"""What stands between the network and the pages: safe headers, the gate, the login page.

Pages are Streamlit's; everything here is plain ASGI around it (docs/decisions/0016-who-is-who.md).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config

from core.errors import BadSettings, EvicodeError
from db import connect, migrate
from ui.services.alone import is_single_user
from ui.services.logins import Logins
from ui.serving.entrance import Entrance
from ui.serving.gate import Gate, OnlyThisComputer
from ui.serving.headers import SafeHeaders
from ui.serving.organisation import providers


@dataclass(frozen=True, kw_only=True)
class Surface:
    """What `st.App` is given besides the script."""

    routes: Sequence[Route]
    middleware: Sequence[Middleware]


def opened_surface() -> Surface:
    """The surface of this server. Ends the program, saying why, if it would not be a safe one."""
    try:
        return surface(
            address=config.get_option("server.address"),
            base_path=config.get_option("server.baseUrlPath"),
        )
    except EvicodeError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(2) from None


def surface(*, address: str | None, base_path: str | None) -> Surface:
    """Headers always; then the gate, or in single-user mode a look at where a request is from.

    BadSettings if single-user mode is asked for where others can reach it, or if the app is to
    live below a path.
    """
    if (base_path or "").strip("/"):
        raise BadSettings(
            "server.baseUrlPath is set, and the gate only knows the app at the top of a host; "
            "give the app a host name of its own"
        )
    if is_single_user(address=address):
        guards = [Middleware(SafeHeaders), Middleware(OnlyThisComputer)]
        return Surface(routes=(), middleware=guards)
    engine = connect()
    migrate(engine)
    logins = Logins(engine=engine, now=_now)
    entrance = Entrance(logins, providers=providers)
    guards = [Middleware(SafeHeaders), Middleware(Gate, logins=logins, providers=providers)]
    return Surface(routes=entrance.routes(), middleware=guards)


def _now() -> datetime:
    return datetime.now(UTC)
