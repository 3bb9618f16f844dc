"""Questions about a request: its cookies, where it comes from, where it may go afterwards."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import Scope

from ui.services.alone import LOCAL
from ui.services.logins import COOKIE

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def token(scope: Scope) -> str | None:
    """The token in the session cookie, or None."""
    return HTTPConnection(scope).cookies.get(COOKIE)


def is_https(scope: Scope) -> bool:
    """Whether the browser came by https, here or at the reverse proxy before this server."""
    proxied = HTTPConnection(scope).headers.get("x-forwarded-proto", "")
    return scope.get("scheme") in ("https", "wss") or proxied == "https"


def is_local(scope: Scope) -> bool:
    """Whether the browser runs on this computer, and asked for it by a local name.

    The name matters: a hostile site can point its own name at 127.0.0.1. So do the headers of a
    reverse proxy, behind which everybody seems to be local.
    """
    headers = HTTPConnection(scope).headers
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    client = scope.get("client")
    return (
        host in LOCAL
        and client is not None
        and _is_loopback(client[0])
        and not any(name in headers for name in _FORWARDED)
    )


def is_from_our_page(scope: Scope) -> bool:
    """Whether a form came from a page of this app, not from somebody else's."""
    headers = HTTPConnection(scope).headers
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == headers.get("host")


def is_from_elsewhere(scope: Scope) -> bool:
    """Whether a request says that a page of somebody else's sent it."""
    return "origin" in HTTPConnection(scope).headers and not is_from_our_page(scope)


def local_path(wanted: str | None) -> str:
    """A path of this app to go to, or / if it would lead anywhere else."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return "/"
    if wanted.startswith("//") or "\\" in wanted:
        return "/"
    return wanted


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback or (mapped is not None and mapped.is_loopback)
