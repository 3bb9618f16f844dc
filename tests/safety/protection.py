"""What a protection is to these tests: a promise that is checked, and a way to take it out.

A check raises AssertionError where its promise does not hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db import on_sqlite

Checks = Callable[["Place"], None]
Removes = Callable[["Place", pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Place:
    """A folder, and a migrated SQLite database in it."""

    folder: Path
    engine: Engine

    @property
    def file(self) -> Path:
        return Path(str(self.engine.url.database))


@dataclass(frozen=True)
class Protection:
    """What is promised, the figure of workbench.md §6 it belongs to, and its way out."""

    figure: int
    check: Checks
    remove: Removes

    @property
    def name(self) -> str:
        return self.check.__name__.replace("_", " ")


def opened_without(pragma: str) -> Removes:
    """Every connection is opened with this setting off."""

    def remove(place: Place, patch: pytest.MonkeyPatch) -> None:
        place.engine.dispose()
        begin = on_sqlite.begin

        def without(connection, *, writes: bool) -> None:
            connection.exec_driver_sql(f"PRAGMA {pragma} = OFF")
            begin(connection, writes=writes)

        patch.setattr(on_sqlite, "begin", without)

    return remove
