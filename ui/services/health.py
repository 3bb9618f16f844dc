"""How the server is doing, for whoever runs it: no note, no code, no decision is in it."""

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from core.errors import BadCheckpoint, BadSettings, EvicodeError
from core.settings import settings
from db import logins, models, unit_of_work, users
from db.account_records import Role
from db.condition import Condition, condition
from db.verify import Told, verify
from ui.services.backing_up import Backup, Backups, chosen_backups
from ui.services.logins import Limits
from ui.services.logs import event
from ui.services.model_folders import folder_of, hash_of, models_folder
from ui.services.watching import Failure, Timing, Verified, Watch

LATELY = timedelta(hours=1)  # how far back latencies go
ERRORS_OF = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Used:
    """The checkpoint in use by its folder's name and its hash, or why it cannot be used."""

    name: str = ""
    hash: str = ""
    problem: str | None = None
    instead: str | None = None  # the model that goes on meanwhile; None: none, or no need


def _as_it_is(used: Used) -> Used:
    return used


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """A browser that is logged in."""

    name: str
    role: Role
    since: datetime
    seen: datetime


@dataclass(frozen=True, kw_only=True)
class Report:
    """One look at the server. Memory in bytes; what None says stands beside each."""

    at: datetime
    version: str
    started: datetime
    memory: int
    checkpoint: Used
    database: Condition
    verified: Verified | None  # None: not since the start
    backs_up: bool  # whether the settings name a folder
    backup: Backup | None  # None: there is none in the folder
    backup_problem: str | None
    sessions: tuple[LoggedIn, ...]
    timings: tuple[Timing, ...]  # of the last hour
    errors: tuple[Failure, ...]  # of the last day


@dataclass(frozen=True, kw_only=True)
class Health:
    """Looks at the server, checks the trail, writes a backup."""

    engine: Engine
    watch: Watch
    backups: Backups | None
    version: str
    now: Callable[[], datetime]
    loaded: Callable[[Used], Used] = _as_it_is  # the same with what loading it came to

    def look(self) -> Report:
        """All there is to know, quickly: nothing here reads the record itself."""
        backups = self.backups
        return Report(
            at=self.now(),
            version=self.version,
            started=self.watch.started,
            memory=_memory(),
            checkpoint=self._checkpoint(),
            database=condition(self.engine),
            verified=self.watch.verified,
            backs_up=backups is not None,
            backup=None if backups is None else backups.newest(),
            backup_problem=self.watch.backup_problem,
            sessions=self._sessions(),
            timings=self.watch.timings(since=LATELY),
            errors=self.watch.errors(since=ERRORS_OF),
        )

    def verify(self, *, by: str, told: Told) -> Verified:
        """Check the whole audit trail beside its records. `told` hears the share that is done."""
        verdict = verify(self.engine, told=told)
        fault = None if verdict.fault is None else str(verdict.fault)
        found = Verified(at=self.now(), entries=verdict.entries, fault=fault)
        self.watch.verified = found
        event("verify", entries=found.entries, whole=fault is None, user=by)
        return found

    def back_up(self, *, by: str) -> None:
        """Write a backup now, besides the scheduled ones. BadSettings if there is no folder."""
        if self.backups is None:
            raise BadSettings("no folder for backups is set; set backup_folder, and start again")
        event("backup asked for", user=by)
        self.backups.write(even_if_not_due=True)

    def answers(self) -> bool:
        """Whether the database can be read."""
        with unit_of_work(self.engine, write=False) as session:
            users.is_empty(session)
        return True

    def _checkpoint(self) -> Used:
        """The one in use, by the hash of its list of files; loading it compares every file."""
        from core.inference.shipped import (
            shipped_checkpoint,  # brings torch: not before it is asked
        )

        with unit_of_work(self.engine, write=False) as session:
            promoted = models.in_use(session)
            model = None if promoted is None else models.find(session, promoted)
        used = Used() if model is None else Used(name=model.name, hash=model.hash)
        try:
            if model is None:
                folder = shipped_checkpoint()
                used = Used(name=folder.name, hash=hash_of(folder))
            elif hash_of(folder_of(model.folder, within=models_folder())) != model.hash:
                raise BadCheckpoint(
                    "its folder holds another checkpoint than was registered; restore the folder"
                )
        except EvicodeError as error:
            used = replace(used, problem=str(error))
        return self.loaded(used)

    def _sessions(self) -> tuple[LoggedIn, ...]:
        limits, at = Limits.chosen(), self.now()
        with unit_of_work(self.engine, write=False) as session:
            running = logins.open_now(session, seen=at - limits.idle, opened=at - limits.absolute)
            owners = {login.user_id: users.get(session, login.user_id) for login in running}
        return tuple(
            LoggedIn(
                name=owners[login.user_id].name,
                role=owners[login.user_id].role,
                since=login.opened_at,
                seen=login.seen_at,
            )
            for login in running
            if owners[login.user_id].is_open
        )


def chosen_health(
    engine: Engine,
    *,
    watch: Watch,
    version: str,
    now: Callable[[], datetime],
    loaded: Callable[[Used], Used] = _as_it_is,
) -> Health:
    """Health with backups as the settings want them."""
    backups = chosen_backups(settings(), engine, watch=watch, now=now)
    return Health(
        engine=engine, watch=watch, backups=backups, version=version, now=now, loaded=loaded
    )


def _memory() -> int:
    """Bytes this process holds now; where the system does not say, the most it ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
