"""Lessons: what stands on each note, as memory learns it.

A lesson holds the accepted and added codes, one annotation for each span a coder marked (or one
without evidence if none is marked), and the codes rejected. Evidence that only the model showed is
no coder's word and left out, and so is what was decided on a seeded suggestion. Of every other code
nothing is known: nobody may have been shown it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.types import Annotation, Code, CodeSystem, Note, Span
from db import notes, tombstones
from db.decisions import genuine, stands
from db.kinds import EVERYTHING, Filter, decided_as
from db.records import Action, Lesson
from db.tables import DecisionRow, NoteRow, ScreenRow

T = TypeVar("T", bound=tuple[object, ...])
_CHUNK = 200  # notes read at a time; keeps memory flat and the IN lists short


def of_note(session: Session, note_id: int) -> Lesson:
    """What stands on this note now; without codes if nothing stands. BadInput if there is none."""
    note = notes.get(session, note_id)
    return _lesson(note.name, note.text, _standing(session, [note_id]).get(note_id, ()))


def every(
    session: Session, *, where: Filter = EVERYTHING, anonymous: bool = False
) -> Iterator[Lesson]:
    """The lessons of all notes on which a decision stands, in the order of the notes. Streams.

    `where` leaves out decisions: nothing is known of their codes then. `anonymous`: notes under
    their numbers, not their names.
    """
    decided = _decided(select(DecisionRow.note_id), where).distinct()
    of_these = select(NoteRow.id, NoteRow.name, NoteRow.text).where(
        NoteRow.id.in_(decided), tombstones.is_there()
    )
    rows = session.execute(of_these.order_by(NoteRow.id).execution_options(yield_per=_CHUNK))
    for chunk in rows.partitions(_CHUNK):
        found = _standing(session, [row.id for row in chunk], where)
        for row in chunk:
            name = f"note-{row.id}" if anonymous else row.name
            yield _lesson(name, row.text, found.get(row.id, ()))


def _decided(query: Select[T], where: Filter) -> Select[T]:
    """A query of DecisionRow, for the decisions that stand and are asked for."""
    joined = query.join(NoteRow, NoteRow.id == DecisionRow.note_id)
    on_screen = joined.outerjoin(ScreenRow, ScreenRow.id == DecisionRow.screen_id)
    return on_screen.where(stands(), genuine(), decided_as(where))


def _standing(
    session: Session, notes: Sequence[int], where: Filter = EVERYTHING
) -> Mapping[int, list[DecisionRow]]:
    found = defaultdict(list)
    of_these = _decided(select(DecisionRow), where).where(DecisionRow.note_id.in_(notes))
    for row in session.scalars(of_these.order_by(DecisionRow.sequence)):
        found[row.note_id].append(row)
    return found


def _lesson(name: str, text: str, standing: Sequence[DecisionRow]) -> Lesson:
    annotations, rejected = [], set()
    for row in standing:
        code = Code(CodeSystem(row.system), row.code)
        if row.action == Action.REJECT.value:
            rejected.add(code)
            continue
        mentions: list[tuple[Span, ...]] = [(Span(mark.start, mark.end),) for mark in row.marks]
        annotations += [Annotation(code=code, evidence=each) for each in mentions or [()]]
    return Lesson(
        note=Note(id=name, text=text, annotations=tuple(annotations)),
        rejected=frozenset(rejected),
    )
