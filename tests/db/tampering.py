"""What somebody with the database in their hands can do: past triggers, keys and rules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.orm import Session

from core.types import Span
from db import charts, screens
from db.engine import write_connection
from db.records import Turn
from db.tables import Base, TrailRow
from db.trail import link
from tests.db.desk import PRESSURE, a_note, a_screen, clock, decide, some_evidence


def a_day_at_the_desk(session: Session) -> None:
    """Six records in this order: note, chart event, screen, explanation, decision, decision."""
    note = a_note(session)
    charts.record(session, note.id, Turn.OPENED, coder="ana", at=clock())
    session.flush()
    screen = a_screen(session, note)
    shown = screen.suggestions[0]
    screens.record_explanation(session, some_evidence(), suggestion_id=shown.id, at=clock())
    decide(session, note, PRESSURE, evidence=(Span(0, 5),), screen_id=screen.id, token="a")  # noqa: S106
    decide(session, note, PRESSURE, coder="bob", at=2, token="b")  # noqa: S106


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A writing connection that no trigger, key or (on SQLite) rule holds back."""
    with engine.connect() as connection:  # SQLite takes this outside a transaction only
        if connection.dialect.name == "sqlite":
            bare = connection.connection.driver_connection
            assert bare is not None
            bare.rollback()
            for setting in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                bare.execute(f"PRAGMA {setting}")
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            bare.execute("PRAGMA query_only = OFF")
            for (name,) in bare.execute(triggers).fetchall():
                bare.execute(f"DROP TRIGGER {name}")
    with write_connection(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection


def tamper(engine: Engine, statements: Sequence[str]) -> None:
    with unguarded(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def rewrite_trail(connection: Connection, *, since: int) -> None:
    """Compute all hashes anew, so that the chain holds whatever was done to it."""
    trail = Base.metadata.tables[TrailRow.__tablename__]
    before = select(trail.c.hash).where(trail.c.sequence == since - 1)
    previous = connection.scalar(before) or "0" * 64
    later = select(trail).where(trail.c.sequence >= since).order_by(trail.c.sequence)
    for entry in connection.execute(later).all():
        said = {name: getattr(entry, name) for name in ("at", "kind", "row_id", "content")}
        digest = link(previous=previous, **said)
        this = update(trail).where(trail.c.sequence == entry.sequence)
        connection.execute(this.values(previous=previous, hash=digest))
        previous = digest


def other(value: object) -> object:
    """A value as little different as can be."""
    match value:
        case str():
            return f"{value[:-1]}{chr(ord(value[-1]) ^ 1)}" if value else "x"
        case bool() | int():
            return value + 1
        case float():
            return value + 2**-40
        case datetime():
            return value.replace(microsecond=value.microsecond ^ 1)
        case date():
            return value + timedelta(days=1)
        case dict():
            return {**value, "icd": 0.25}
    return 1 if value is None else value
