"""Logging in through one's organisation (OIDC), where [auth] of the secrets says which.

Streamlit does the talking, as for st.login: /auth/login leads to the provider, and /oauth2callback
is the way back, with a signed cookie that lasts 30 days. Here that cookie only ever proves who just
came back: it is read once, exchanged for a login of ours, which has its limits, and deleted.

The names with an underscore are Streamlit's private ones (1.67).
"""

import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from streamlit.auth_util import get_secrets_auth_section
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette import starlette_auth_routes, starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

FRESH = 300  # seconds a provider's word is good for; a stolen cookie is of no use after that
DEFAULT = "default"


def providers() -> Mapping[str, str]:
    """Name -> title of each identity provider in the secrets; none if [auth] is not there."""
    section = get_secrets_auth_section()
    settings: Mapping[str, Any] = section.to_dict() if section else {}  # Any: TOML
    found = {DEFAULT: "your organisation"} if settings.get("client_id") else {}
    named = {
        name: name
        for name, value in settings.items()
        if isinstance(value, Mapping) and value.get("client_id")
    }
    return found | named


def address(provider: str) -> str:
    """Where st.login would send the browser for this provider."""
    return generate_login_redirect_url(provider)


def email(request: Request) -> str | None:
    """The address that a provider vouches for in this request; None if none does just now."""
    raw = starlette_websocket._get_signed_cookie_with_chunks(request.cookies, USER_COOKIE_NAME)
    if raw is None:
        return None
    origin = starlette_auth_routes._get_origin_from_secrets() or ""
    claims = starlette_websocket._parse_decoded_user_cookie(raw, origin)
    vouched = claims.get("is_logged_in") and claims.get("email_verified", True) is True
    issued = claims.get("iat")
    if not vouched or not isinstance(issued, int | float) or time.time() - issued > FRESH:
        return None
    return str(claims.get("email") or "") or None


def forget(request: Request, response: Response) -> None:
    """Delete the provider's cookies; ours has taken their place, or they were of no use."""
    if any(name.startswith(USER_COOKIE_NAME) for name in request.cookies):
        starlette_auth_routes._clear_auth_cookie(response, request)
