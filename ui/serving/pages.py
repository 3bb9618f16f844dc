"""The few pages that are not Streamlit's: the login, and one that leads to another."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ui.language import catalogue_of

HERE = Path(__file__).resolve().parent


def login_page(*, language: str, status: int = 200, **values: object) -> HTMLResponse:
    """The form for name and password, for the first account where there is none."""
    catalogue = catalogue_of(language)
    spoken = values | {
        "language": language,
        "said": catalogue.recognise(str(values.get("said", ""))),
        "t": lambda english, **places: catalogue.say(english, places),
    }
    return HTMLResponse(_pages().get_template("login.html").render(spoken), status_code=status)


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
