"""Drift: whether the notes that come in, and the codes they get, are still what they were.

Texts of notes are read and counted here; only figures leave.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine

from core.metrics import drift
from core.metrics.insights import periods
from core.text import tokenize
from db import facts, unit_of_work
from db.kinds import days

__all__ = ["Drift", "Incoming", "Progress"]

READ = 200  # notes of a period whose words are counted
Progress = Callable[[int, int], None]  # notes done, notes in all


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What came in, a line for each period."""

    lengths: pd.DataFrame
    unknown: pd.DataFrame | None  # None: there is no checkpoint that knows words
    words: pd.DataFrame  # distances from the first period
    notes: int
    read: int  # notes whose words were counted


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What a lead asks of the notes that come in."""

    engine: Engine
    vocabulary: Collection[str] | None  # of the checkpoint in use; None: none, or of subwords
    checkpoint: str = ""  # its hash

    def state(self) -> str:
        """Another text whenever `incoming` would answer otherwise: what may be kept till then."""
        with unit_of_work(self.engine, write=False) as session:
            return f"{facts.notes_state(session)} {self.checkpoint}"

    def incoming(
        self,
        *,
        period: str,
        first: date | None = None,
        last: date | None = None,
        progress: Progress | None = None,
    ) -> Incoming:
        """Notes that came in from the first to the last day (UTC), finished or not.

        Words are counted in at most `READ` notes of a period, drawn by lot, always the same ones.
        """
        span = days(first, last)
        since, until = span["since"], span["until"]
        with unit_of_work(self.engine, write=False) as session:
            notes = pd.DataFrame(
                [row for row in facts.came_in(session) if _within(row[1], since, until)],
                columns=["note", "created_at", "characters"],
            )
            drawn = _drawn(notes, period)
            found: list[list[str]] = []
            for done, (_, text) in enumerate(facts.texts(session, drawn["note"]), start=1):
                found.append([sys.intern(token.word) for token in tokenize(text)])
                if progress is not None and done % 50 == 0:
                    progress(done, len(drawn))
        return Incoming(
            lengths=drift.lengths(notes, period=period),
            unknown=self._unknown(drawn, found, period),
            words=drift.distances(found, drawn["created_at"], period=period),
            notes=len(notes),
            read=len(drawn),
        )

    def _unknown(
        self, drawn: pd.DataFrame, found: Sequence[Sequence[str]], period: str
    ) -> pd.DataFrame | None:
        known = self.vocabulary
        if known is None:
            return None
        counted = drawn.assign(
            words=[len(words) for words in found],
            unknown=[sum(word not in known for word in words) for words in found],
        )
        return drift.unknown_words(counted, period=period)


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _drawn(notes: pd.DataFrame, period: str) -> pd.DataFrame:
    """At most READ notes of each period, in the order of their ids."""
    of_period: dict[object, list[int]] = defaultdict(list)
    for place, start in enumerate(periods(notes["created_at"], period)):
        of_period[start].append(place)
    kept: list[int] = []
    for start, places in of_period.items():
        lot = random.Random(str(start))  # noqa: S311  (a sample, not a secret)
        kept += lot.sample(places, k=min(READ, len(places)))
    return notes.iloc[sorted(kept)].reset_index(drop=True)
