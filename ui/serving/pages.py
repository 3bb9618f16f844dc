"""The few pages that are not Streamlit's: the login, and one that leads to another."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

HERE = Path(__file__).resolve().parent


def login_page(*, status: int = 200, **values: object) -> HTMLResponse:
    """The form for name and password, for the first account where there is none."""
    return HTMLResponse(_pages().get_template("login.html").render(values), status_code=status)


def forward(to: str, *, status: int = 200) -> HTMLResponse:
    """A page that leads on by itself.

    Not a redirect: after one, a browser that was sent here by another site (an e-mail, an identity
    provider) still counts as coming from there, and keeps the SameSite=Strict cookie to itself.
    """
    page = _pages().get_template("forward.html").render(to=to)
    return HTMLResponse(page, status_code=status)


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
