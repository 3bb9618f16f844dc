"""Where memory has it from: the decisions that stand, and the words that were marked for them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from core.types import Code, CodeSystem, Span
from db import tombstones
from db.decisions import genuine, stands
from db.records import Action, Pass
from db.tables import DecisionRow, MarkRow, NoteRow

_CHUNK = 200  # names asked for at a time; keeps the IN lists short
_STREAM = 2_000  # rows read at a time; keeps memory flat


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A decision that memory learned from. `marked`: the spans marked, with their words."""

    decision_id: int
    note_id: int
    note: str
    code: Code
    action: Action
    coder: str
    at: datetime
    coding_pass: Pass
    marked: Mapping[Span, str]


def decisions(
    session: Session, *, code: Code | None = None, notes: Collection[str] | None = None
) -> Iterator[Learnt]:
    """Every decision that memory learned, oldest first; of this code, on notes of these names.

    The same ones as in `db.lessons`, without the texts of the notes. Streams.
    """
    if notes is None:
        yield from _of(session, _query(code))
        return
    wanted = sorted(notes)
    for first in range(0, len(wanted), _CHUNK):
        named = NoteRow.name.in_(wanted[first : first + _CHUNK])
        yield from _of(session, _query(code).where(named))


def texts(session: Session, notes: Collection[int]) -> dict[int, str]:
    """The texts of these notes, of which there should be few."""
    rows = session.execute(select(NoteRow.id, NoteRow.text).where(NoteRow.id.in_(notes)))
    return {row.id: row.text for row in rows}


def _query(code: Code | None) -> Select[Any]:  # Any: as many columns as are named
    words = func.substr(NoteRow.text, MarkRow.start + 1, MarkRow.end - MarkRow.start)
    query = (
        select(
            *(DecisionRow.id, DecisionRow.note_id, DecisionRow.system, DecisionRow.code),
            *(DecisionRow.action, DecisionRow.coder, DecisionRow.decided_at),
            DecisionRow.coding_pass,
            *(NoteRow.name, MarkRow.start, MarkRow.end, words.label("words")),
        )
        .join(NoteRow, NoteRow.id == DecisionRow.note_id)
        .outerjoin(MarkRow, MarkRow.decision_id == DecisionRow.id)
        .where(stands(), genuine(), tombstones.is_there())
        .order_by(DecisionRow.id, MarkRow.id)
    )
    if code is None:
        return query
    return query.where(DecisionRow.system == code.system.value, DecisionRow.code == code.code)


def _of(session: Session, query: Select[Any]) -> Iterator[Learnt]:
    rows = session.execute(query.execution_options(yield_per=_STREAM))
    for _, group in groupby(rows, key=attrgetter("id")):
        yield _learnt(list(group))


def _learnt(rows: list[Row[Any]]) -> Learnt:
    first = rows[0]
    return Learnt(
        decision_id=first.id,
        note_id=first.note_id,
        note=first.name,
        code=Code(CodeSystem(first.system), first.code),
        action=Action(first.action),
        coder=first.coder,
        at=first.decided_at,
        coding_pass=Pass(first.coding_pass),
        marked={Span(row.start, row.end): row.words for row in rows if row.start is not None},
    )
