"""The services behind the endpoint: one set for the server, guarded for each caller."""

from collections.abc import Callable
from contextlib import suppress
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
from ui.services.loading import Loading
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
    loading: Loading | None = None  # None: the model of `desk` is the only one
    watch: Watch
    alone: bool

    def of(self, actor: Actor) -> Desk:
        """The services for this caller."""
        desk, claims = self._with_model(), not self.alone

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

    def suggests(self) -> bool:
        """Whether there is a model to suggest codes."""
        return self._with_model().model is not None

    def _with_model(self) -> Desk:
        """With the model in use now; a chart goes on with the one it was begun with."""
        if self.loading is None:
            return self.desk
        try:
            found = self.loading.in_use()
        except EvicodeError as error:
            return replace(self.desk, problem=f"No suggestions: {error}")
        coding = replace(self.desk.coding, coder=found.coder, remembering=found.remembering)
        return replace(self.desk, coding=coding, model=Suggesting(coder=found.coder))


def opened(*, alone: bool, now: Callable[[], datetime]) -> Services:
    """The services on the database of the settings, and the model in use; memory has learned."""
    engine = connect()
    migrate(engine)
    loading = Loading(engine=engine, now=now)

    def teach(coder: Coder, ready: Callable[[], None]) -> None:
        tables, learning = shared_tables(), loading.learning
        learner = Coding(
            engine=engine, coder=coder, tables=tables, version=VERSION, now=now, learning=learning
        )
        learner.learn_all(ready=ready)

    loading.teach = teach
    with suppress(EvicodeError):  # each caller is told
        loading.in_use()
    return composed(engine, None, alone=alone, now=now, loading=loading)


def composed(
    engine: Engine,
    coder: Coder | None,
    *,
    alone: bool,
    now: Callable[[], datetime],
    problem: str | None = None,
    loading: Loading | None = None,
) -> Services:
    """The services on this database, with this model, or with those that are promoted."""
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
        loading=loading,
    )
    if loading is not None:
        coding = replace(coding, learning=loading.learning)
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
        logins=Logins(engine=engine, now=now),
        health=health,
        desk=desk,
        watch=watch,
        alone=alone,
        loading=loading,
    )


def _siblings(code: Code) -> tuple[Code, ...]:
    return shared_tables().relatives(code).siblings
