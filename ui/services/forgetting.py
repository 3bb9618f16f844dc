"""Deleting notes: on request, or because they were kept for as long as is allowed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from db import notes, retention, tombstones, unit_of_work
from db.engine import scrub
from db.records import StoredNote
from db.tombstones import LONGEST_REASON, Tombstone

__all__ = ["LONGEST_REASON", "Forgetting"]


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """Takes a note's words away for good, here and in memory; the trail keeps that it was done."""

    engine: Engine
    now: Callable[[], datetime]
    forgotten: Callable[[Sequence[str]], None] | None = None  # told the names of deleted notes

    def forget(self, note_ids: Sequence[int], *, by: str, reason: str) -> tuple[Tombstone, ...]:
        """Delete all of these notes, or none. BadInput if one cannot be deleted.

        What open browsers show of them stays until the page is loaded again; backups keep them.
        """
        with unit_of_work(self.engine) as session:
            names = [notes.get(session, note_id).name for note_id in note_ids]
            made = [
                tombstones.forget(session, note_id, by=by, reason=reason, at=self.now())
                for note_id in note_ids
            ]
        if self.forgotten is not None:
            self.forgotten(names)
        scrub(self.engine, tombstones.TABLES)
        return tuple(made)

    def due(self, days: int) -> tuple[StoredNote, ...]:
        """The notes whose charts were finished more than so many days ago."""
        before = retention.since(self.now(), days)
        with unit_of_work(self.engine, write=False) as session:
            return tuple(notes.get(session, each) for each in retention.due(session, before=before))
