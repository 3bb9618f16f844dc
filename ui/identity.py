"""Who is at this browser: by the cookie it shows, or, in single-user mode, whoever sits there."""

from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st
from sqlalchemy import Engine
from streamlit import runtime

from core.errors import LoggedOff
from db import connect, migrate
from ui.services.alone import is_single_user
from ui.services.logins import COOKIE, Limits, Logins
from ui.services.rights import Actor
from ui.services.watching import Watch


def is_alone() -> bool:
    """Whether there are no accounts: in single-user mode, and where no browser can come in.

    BadSettings if single-user mode is asked for on an address that others can reach.
    """
    return not is_served() or is_single_user(address=st.get_option("server.address"))


def is_served() -> bool:
    """Whether a browser can come in. Not in AppTest, which runs pages in the process of a test."""
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime


def signed_in() -> Actor:
    """Who shows the cookie of this browser. LoggedOff if nobody does, or no longer."""
    return _logins().who(_token())


def log_out(*, everywhere: bool = False) -> None:
    """Log this browser off, or every browser of this account. Nothing happens if it is off."""
    with suppress(LoggedOff):
        if everywhere:
            _logins().log_out_everywhere(_token())
        else:
            _logins().log_out(_token())


def change_password(*, old: str, new: str) -> None:
    """A new password for whoever is at this browser. BadInput, with the reason, if it is none."""
    _logins().change_password(_token(), old=old, new=new)


@st.cache_resource(show_spinner="Opening the database…")
def database() -> Engine:
    """The database, brought up to date; one for the whole server."""
    engine = connect()
    migrate(engine)
    return engine


@st.cache_resource(show_spinner=False)
def watch() -> Watch:
    """What the server sees of itself; one for the whole server."""
    made = Watch(now=now)
    made.listen()
    return made


def idle_seconds() -> int:
    """How long a browser stays logged in without work."""
    return int(Limits.chosen().idle.total_seconds())


def now() -> datetime:
    """The clock of the app."""
    return datetime.now(UTC)


def _logins() -> Logins:
    return Logins(engine=database(), now=now)


def _token() -> str | None:
    return st.context.cookies.get(COOKIE)
