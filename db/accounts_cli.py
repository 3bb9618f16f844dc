"""`python -m db user`: accounts from the terminal of the server, for the first one and in need.

A password is asked for on the terminal, or read as one line from standard input; never an argument,
which every program of the machine could read.
"""

import argparse
import getpass
import sys
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput
from db import logins, passwords, users
from db.account_records import Happened, Role, User
from db.engine import unit_of_work

BY = "command line"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """The words after `user`."""
    what = parser.add_subparsers(dest="what", required=True)
    add = what.add_parser("add", help="make an account; the password is asked for")
    add.add_argument("name")
    add.add_argument("--role", type=Role, choices=tuple(Role), required=True)
    reset = what.add_parser("password", help="give an account another password")
    reset.add_argument("name")
    listing = what.add_parser("list", help="who there is")
    for command in (add, reset, listing):  # also behind the word, where people put it
        command.add_argument("--database", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(engine: Engine, options: argparse.Namespace) -> str:
    """Do it, and say what was done. BadInput if it cannot be done."""
    if options.what == "list":
        return _listing(engine)
    kept = _new_password(options.name)
    with unit_of_work(engine) as session:
        if options.what == "add":
            user = users.add(session, options.name, options.role, by=BY, at=_now())
        else:
            user = _known(session, options.name)
            logins.end_all(session, user.id, why="an administrator changed your password")
            logins.forgive(session, user.name)
        at = _now()
        users.record(session, user.id, Happened.PASSWORD, by=BY, at=at, password_hash=kept)
    return f"{user.name} ({user.role}) can log in"


def _listing(engine: Engine) -> str:
    with unit_of_work(engine, write=False) as session:
        found = users.every(session)
    lines = [f"{u.name}\t{u.role}\t{'open' if u.is_open else 'closed'}" for u in found]
    return "\n".join(lines) or "nobody has an account yet"


def _known(session: Session, name: str) -> User:
    user = users.find(session, name)
    if user is None:
        raise BadInput(f"there is no account {name!r}; `python -m db user list` names them all")
    return user


def _new_password(name: str) -> str:
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise BadInput("the two passwords differ; type the same one twice")
    else:
        password = sys.stdin.readline().rstrip("\n")
    passwords.check(password, name=name)
    return passwords.hashed(password)


def _now() -> datetime:
    return datetime.now(UTC)
