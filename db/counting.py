"""How much feedback there is, without reading it, and what it can be asked by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.types import CodeSystem
from db import asking, tombstones
from db.inbox import is_done
from db.kinds import DECIDED, EVERYTHING, POSITIVE, Filter, Kind
from db.tables import DecisionRow, NoteRow, ScreenRow


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many codes an export would hold."""

    kinds: Mapping[Kind, int]  # those that occur
    notes: int  # that carry any

    @property
    def codes(self) -> int:
        return sum(self.kinds.values())

    def __str__(self) -> str:
        """As in "312 codes of 41 charts: 290 accepted, 10 never shown, 12 rejected"."""
        each = ", ".join(f"{self.kinds[kind]:,} {kind}" for kind in Kind if kind in self.kinds)
        codes = f"{self.codes:,} code{'' if self.codes == 1 else 's'}"
        charts = f"{self.notes:,} chart{'' if self.notes == 1 else 's'}"
        return f"{codes} of {charts}" + (f": {each}" if each else "")


@dataclass(frozen=True, kw_only=True)
class Occurring:
    """What there is to filter feedback by."""

    coders: tuple[str, ...]
    systems: tuple[CodeSystem, ...]
    checkpoints: tuple[tuple[str, str], ...]  # hash and name


def counts(session: Session, *, history: bool = False, where: Filter = EVERYTHING) -> Counts:
    """How many codes `decided` would hand out, without reading them."""
    return _counted(session, asking.queries(where, history=history))


def lesson_counts(session: Session, *, where: Filter = EVERYTHING) -> Counts:
    """How many decisions and notes `lessons.every` hands out, without reading them."""
    standing = asking.queries(replace(where, kinds=where.kinds & DECIDED), history=False)
    return _counted(session, [query.where(tombstones.is_there()) for query in standing])


def _counted(session: Session, asked: Sequence[asking.Query]) -> Counts:
    found: dict[Kind, int] = {}
    for query in asked:
        rows = asking.rows(query)
        each = select(rows.c.kind, func.count()).group_by(rows.c.kind)
        found |= {Kind(name): number for name, number in session.execute(each)}
    of_interest = NoteRow.id.in_(asking.notes(asked))
    notes = session.scalar(select(func.count()).select_from(NoteRow).where(of_interest))
    return Counts(kinds=found, notes=notes or 0)


def corpus_counts(session: Session) -> Counts:
    """How many codes and notes `coded_notes` hands out; charts without any code too."""
    found = counts(session, where=Filter(kinds=POSITIVE))
    return Counts(kinds=found.kinds, notes=finished_charts(session))


def occurring(session: Session) -> Occurring:
    """Whom and what decisions name."""
    coders = select(DecisionRow.coder).distinct().order_by(DecisionRow.coder)
    systems = select(DecisionRow.system).distinct()
    checkpoints = select(ScreenRow.checkpoint_hash, func.max(ScreenRow.checkpoint))
    return Occurring(
        coders=tuple(session.scalars(coders)),
        systems=tuple(sorted(map(CodeSystem, session.scalars(systems)))),
        checkpoints=tuple(
            (digest, name)
            for digest, name in session.execute(checkpoints.group_by(ScreenRow.checkpoint_hash))
        ),
    )


def finished_charts(session: Session) -> int:
    """How many charts `coded_notes` hands out."""
    return (
        session.scalar(
            select(func.count()).select_from(NoteRow).where(is_done(), tombstones.is_there())
        )
        or 0
    )
