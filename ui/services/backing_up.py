"""Scheduled backups: written while the app runs, each verified before it gets its name."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from core.errors import EvicodeError
from core.settings import Settings
from db.backup import backup_if_due, newest_backup
from ui.services.failures import logged
from ui.services.logs import event
from ui.services.watching import Watch

LOOK_EVERY = 60.0  # seconds from one look at the clock to the next


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The newest backup in the folder."""

    at: datetime
    size: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Backups:
    """A folder of backups, kept as the settings say."""

    engine: Engine
    folder: Path
    every: timedelta
    keep: int
    watch: Watch
    now: Callable[[], datetime]

    def newest(self) -> Backup | None:
        """The newest one, or None if there is none yet."""
        found = newest_backup(self.folder)
        return None if found is None else Backup(at=found[1], size=found[0].stat().st_size)

    def write(self, *, even_if_not_due: bool = False) -> bool:
        """Write one if it is due; whether one was written.

        What goes wrong is logged and kept for the health page, and raised.
        """
        every = timedelta() if even_if_not_due else self.every
        try:
            written = backup_if_due(
                self.engine, self.folder, every=every, keep=self.keep, now=self.now()
            )
        except Exception as error:
            self._failed(error)
            raise
        if written is not None:
            self.watch.backup_problem = None
            event("backup", bytes=written.stat().st_size)
        return written is not None

    def _failed(self, error: Exception) -> None:
        ours = isinstance(error, EvicodeError | OSError)
        why = (getattr(error, "strerror", None) or str(error)) if ours else f"id {logged(error)}"
        self.watch.backup_problem = f"the last backup was not written: {why}"
        event("backup failed", level=logging.ERROR, type=type(error).__name__)

    def keep_writing(self, stop: threading.Event) -> None:
        """Until told to stop: look every minute whether one is due. For a thread of its own."""
        while not stop.is_set():
            with suppress(Exception):  # logged, and shown on the health page
                self.write()
            stop.wait(LOOK_EVERY)


def chosen_backups(
    chosen: Settings, engine: Engine, *, watch: Watch, now: Callable[[], datetime]
) -> Backups | None:
    """Backups as the settings want them, or None if they want none."""
    if chosen.backup_folder is None:
        return None
    return Backups(
        engine=engine,
        folder=chosen.backup_folder,
        every=timedelta(hours=chosen.backup_hours),
        keep=chosen.backup_keep,
        watch=watch,
        now=now,
    )
