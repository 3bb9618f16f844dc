"""Labelled feedback: each decision together with what its coder was looking at. Streams."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased, selectinload

from core.types import Annotation, Code, CodeSystem, Context, Evidence, Note, Span
from db.decisions import genuine, stands
from db.inbox import is_done
from db.records import Action, Pass
from db.screens import contexts
from db.tables import DecisionRow, ExplanationRow, MarkRow, NoteRow, ScreenRow, SuggestionRow

_CHUNK = 200  # rows read at a time; keeps memory flat and the IN lists short


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One decision as it leaves Evicode. Offsets are code points of the note's text."""

    note_id: str  # the note's name
    sha256: str
    text: str | None = field(repr=False)  # None unless asked for
    sequence: int
    code: Code
    title: str
    decision: Action
    reason: str | None
    coder: str
    time: datetime
    checkpoint: str | None  # hash; None if the coder was shown no suggestions
    memory: str | None  # what memory had learned besides; empty: as shipped
    score: float | None  # the probability shown
    rank: int | None
    source: str | None  # what proposed it, as shown
    provenance: str | None
    contexts: tuple[Context, ...]
    method: str | None  # of the evidence
    evidence: tuple[Evidence, ...]  # as last shown before the decision
    marked: tuple[Span, ...]  # by the coder
    replaces: int | None  # sequence of the decision taken back or made again
    coding_pass: Pass  # which coding of the note it is part of


def decided(session: Session, *, text: bool = False, history: bool = False) -> Iterator[Feedback]:
    """Standing decisions (with `history` all, retracts too), by note and sequence.

    Decisions on suggestions that were seeded, and so no model's, are left out of both.
    """
    rows = session.execute(_query(text=text, history=history))
    for chunk in rows.partitions(_CHUNK):
        marks = _marks(session, [row.id for row in chunk])
        shown = _shown(session, [row.suggestion_id for row in chunk if row.suggestion_id])
        for row in chunk:
            yield _feedback(row, marks=marks.get(row.id, ()), shown=shown.get(row.suggestion_id))


def coded_notes(session: Session) -> Iterator[Note]:
    """Finished charts with their accepted and added codes, and the evidence coders marked.

    Evidence that only the model showed is left out: it is no coder's word.
    """
    done = select(NoteRow.id, NoteRow.name, NoteRow.text).where(is_done()).order_by(NoteRow.id)
    rows = session.execute(done.execution_options(yield_per=_CHUNK))
    for chunk in rows.partitions(_CHUNK):
        codes = _annotations(session, [row.id for row in chunk])
        for row in chunk:
            yield Note(id=row.name, text=row.text, annotations=tuple(codes.get(row.id, ())))


def _query(*, text: bool, history: bool) -> Select[*tuple[Any, ...]]:  # Any: too many columns
    replaced = aliased(DecisionRow)
    note = [NoteRow.name, NoteRow.sha256, *([NoteRow.text] if text else [])]
    decision = DecisionRow.__table__.c
    query = (
        select(
            *note,
            *(column for column in decision if column.name != "replaces"),
            ScreenRow.checkpoint_hash,
            ScreenRow.memory,
            SuggestionRow.probability,
            SuggestionRow.rank,
            SuggestionRow.source,
            SuggestionRow.provenance,
            SuggestionRow.contexts,
            replaced.sequence.label("replaces"),
        )
        .select_from(DecisionRow)
        .join(NoteRow, NoteRow.id == DecisionRow.note_id)
        .outerjoin(ScreenRow, ScreenRow.id == DecisionRow.screen_id)
        .outerjoin(SuggestionRow, SuggestionRow.id == DecisionRow.suggestion_id)
        .outerjoin(replaced, replaced.id == DecisionRow.replaces)
        .where(genuine())
        .order_by(DecisionRow.note_id, DecisionRow.sequence)
        .execution_options(yield_per=_CHUNK)
    )
    return query if history else query.where(stands())


def _marks(session: Session, decisions: Sequence[int]) -> Mapping[int, list[Span]]:
    found = defaultdict(list)
    of_these = select(MarkRow).where(MarkRow.decision_id.in_(decisions)).order_by(MarkRow.id)
    for mark in session.scalars(of_these):
        found[mark.decision_id].append(Span(mark.start, mark.end))
    return found


def _shown(session: Session, suggestions: Sequence[int]) -> Mapping[int, list[ExplanationRow]]:
    found = defaultdict(list)
    of_these = select(ExplanationRow).where(ExplanationRow.suggestion_id.in_(suggestions))
    whole = of_these.options(selectinload(ExplanationRow.evidence)).order_by(ExplanationRow.id)
    for row in session.scalars(whole):
        found[row.suggestion_id].append(row)
    return found


def _annotations(session: Session, notes: Sequence[int]) -> Mapping[int, list[Annotation]]:
    found = defaultdict(list)
    positive = DecisionRow.action.in_([Action.ACCEPT.value, Action.ADD.value])
    of_these = select(DecisionRow).where(
        DecisionRow.note_id.in_(notes), positive, stands(), genuine()
    )
    for row in session.scalars(of_these.order_by(DecisionRow.sequence)):
        spans = tuple(Span(mark.start, mark.end) for mark in row.marks)
        code = Code(CodeSystem(row.system), row.code)
        found[row.note_id].append(Annotation(code=code, evidence=spans))
    return found


def _feedback(
    row: Row[*tuple[Any, ...]],  # Any: see _query
    *,
    marks: Sequence[Span],
    shown: Sequence[ExplanationRow] | None,
) -> Feedback:
    before = [each for each in shown or () if each.shown_at <= row.decided_at]
    last = before[-1] if before else None
    return Feedback(
        note_id=row.name,
        sha256=row.sha256,
        text=getattr(row, "text", None),
        sequence=row.sequence,
        code=Code(CodeSystem(row.system), row.code),
        title=row.title,
        decision=Action(row.action),
        reason=row.reason,
        coder=row.coder,
        time=row.decided_at,
        checkpoint=row.checkpoint_hash,
        memory=row.memory,
        score=row.probability,
        rank=row.rank,
        source=row.source,
        provenance=row.provenance,
        contexts=contexts(row.contexts or ""),
        method=last.method if last else None,
        evidence=tuple(Evidence(e.start, e.end, e.score) for e in last.evidence) if last else (),
        marked=tuple(marks),
        replaces=row.replaces,
        coding_pass=Pass(row.coding_pass),
    )
