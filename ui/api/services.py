"""The services behind the endpoint: one set for the server, guarded for each caller."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine

from core.codes import shared_tables
from core.errors import BadSettings, EvicodeError
from core.inference import Coder
from core.types import Code
from db import connect, migrate
from ui import VERSION
from ui.services.checking import Checking, only_warn
from ui.services.coding import Coding
from ui.services.detailing import Detailing
from ui.services.export import Exporting
from ui.services.guard import guarded
from ui.services.health import Health
from ui.services.intake import Intake
from ui.services.logins import Logins
from ui.services.remembering import Remembering
from ui.services.rights import Actor, codings_of
from ui.services.suggesting import Suggesting
from ui.services.tables import Tables
from ui.services.trials import Trials
from ui.services.watching import Watch
from ui.services.worklist import Worklist

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What one caller works with: every service asks the table of rights first."""

    actor: Actor
    intake: Intake
    worklist: Worklist
    coding: Coding
    checking: Checking
    detailing: Detailing
    exporting: Exporting
    tables: Tables
    model: Suggesting | None  # None: there is no usable checkpoint, see `problem`
    problem: str | None

    @property
    def suggesting(self) -> Suggesting:
        """BadSettings, with the reason, if there is no model."""
        if self.model is None:
            raise BadSettings(self.problem or "there is no model")
        return self.model


@dataclass(frozen=True, kw_only=True)
class Services:
    """The whole set, and who may use it: `alone` knows no accounts."""

    logins: Logins
    health: Health
    desk: Desk  # nobody's: not guarded
    watch: Watch
    alone: bool

    def of(self, actor: Actor) -> Desk:
        """The services for this caller."""
        desk, claims = self.desk, not self.alone

        def behind(service: T) -> T:
            return guarded(service, actor, self.watch.call)

        return replace(
            desk,
            actor=actor,
            intake=behind(desk.intake),
            worklist=behind(
                replace(desk.worklist, passes=codings_of(actor), claims=claims),
            ),
            coding=behind(replace(desk.coding, claims=claims)),
            checking=behind(desk.checking),
            detailing=behind(desk.detailing),
            exporting=behind(desk.exporting),
            model=None if desk.model is None else behind(desk.model),
        )


def opened(*, alone: bool, now: Callable[[], datetime]) -> Services:
    """The services on the database and checkpoint of the settings; memory has learned."""
    engine = connect()
    migrate(engine)
    try:
        return composed(engine, Coder.load(), alone=alone, now=now)
    except EvicodeError as error:
        return composed(engine, None, alone=alone, now=now, problem=f"No suggestions: {error}")


def composed(
    engine: Engine,
    coder: Coder | None,
    *,
    alone: bool,
    now: Callable[[], datetime],
    problem: str | None = None,
) -> Services:
    """The services on this database and model."""
    tables, watch = shared_tables(), Watch(now=now)
    watch.listen()
    checking = Checking(tables=tables, only_warn=only_warn())
    coding = Coding(
        engine=engine,
        coder=coder,
        tables=tables,
        version=VERSION,
        now=now,
        checking=checking,
        trials=Trials(engine=engine, tables=tables, siblings=_siblings, now=now),
    )
    if coder is not None:
        remembering = Remembering(coder=coder, now=now, engine=engine, learning=coding.learning)
        coding = replace(coding, remembering=remembering)
        coding.learn_all()
    desk = Desk(
        actor=Actor(name="", role=None),
        intake=Intake(engine=engine, now=now),
        worklist=Worklist(engine=engine, now=now),
        coding=coding,
        checking=checking,
        detailing=Detailing(engine=engine, now=now),
        exporting=Exporting(engine=engine, now=now),
        tables=tables,
        model=None if coder is None else Suggesting(coder=coder),
        problem=problem,
    )
    health = Health(engine=engine, watch=watch, backups=None, version=VERSION, now=now)
    return Services(
        logins=Logins(engine=engine, now=now), health=health, desk=desk, watch=watch, alone=alone
    )


def _siblings(code: Code) -> tuple[Code, ...]:
    return shared_tables().relatives(code).siblings
