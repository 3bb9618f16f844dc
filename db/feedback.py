"""Labelled feedback: each decision together with what its coder was looking at. Streams.

A code that was shown and on which no decision stands is feedback too: it is no word against it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, selectinload

from core.types import Annotation, Code, CodeSystem, Context, Evidence, Note, Span
from db import asking, tombstones
from db.counting import counts, finished_charts
from db.decisions import genuine, stands
from db.identity import NOBODY, Identity, of_notes
from db.inbox import is_done
from db.kinds import EVERYTHING, Filter, Kind
from db.records import Action, Pass
from db.screens import contexts
from db.tables import DecisionRow, ExplanationRow, MarkRow, NoteRow

_CHUNK = 200  # notes read at a time; keeps memory flat
_LIST = 1000  # ids an IN list may hold

Progress = Callable[[int, int], None]  # notes done, notes in all
_Row = Row[*tuple[Any, ...]]  # Any: too many columns


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """One code of a note as it leaves Evicode. Offsets are code points of the note's text."""

    note: int  # the note's number in the database
    note_id: str  # the note's name
    identity: Identity
    sha256: str
    text: str | None = field(repr=False)  # None unless asked for
    finished: bool  # the chart
    kind: Kind
    sequence: int | None  # this and the next ones: None if nobody decided
    stands: bool  # neither taken back nor overruled
    code: Code
    title: str
    decision: Action | None
    reason: str | None
    coder: str | None
    time: datetime | None
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
    coding_pass: Pass | None  # which coding of the note it is part of; None if nobody decided


def decided(
    session: Session,
    *,
    text: bool = False,
    history: bool = False,
    where: Filter = EVERYTHING,
    progress: Progress | None = None,
) -> Iterator[Feedback]:
    """Standing decisions (with `history` all, retracts too), by note and sequence.

    Undecided codes, if asked for, follow the decisions of their note. What was decided on a seeded
    suggestion, which is no model's, is left out.
    """
    asked = asking.queries(where, history=history)
    of_interest = NoteRow.id.in_(asking.notes(asked))
    columns = [NoteRow.id, NoteRow.name, NoteRow.sha256, is_done().label("finished")]
    listing = select(*columns, *([NoteRow.text] if text else [])).where(of_interest)
    total, done = counts(session, history=history, where=where).notes if progress else 0, 0
    ordered = listing.order_by(NoteRow.id).execution_options(yield_per=_CHUNK)
    for notes in session.execute(ordered).partitions(_CHUNK):
        yield from _of_notes(session, notes, asked)
        done += len(notes)
        if progress is not None:
            progress(done, total)


def coded_notes(
    session: Session, *, anonymous: bool = False, progress: Progress | None = None
) -> Iterator[Note]:
    """Finished charts with their accepted and added codes, and the evidence coders marked.

    Evidence that only the model showed is left out: it is no coder's word. So are deleted notes.
    `anonymous`: under their numbers, not their names.
    """
    done = select(NoteRow.id, NoteRow.name, NoteRow.text).where(is_done(), tombstones.is_there())
    total, handed = finished_charts(session) if progress is not None else 0, 0
    ordered = done.order_by(NoteRow.id).execution_options(yield_per=_CHUNK)
    rows = session.execute(ordered)
    for chunk in rows.partitions(_CHUNK):
        codes = _annotations(session, [row.id for row in chunk])
        for row in chunk:
            name = f"note-{row.id}" if anonymous else row.name
            yield Note(id=name, text=row.text, annotations=tuple(codes.get(row.id, ())))
        handed += len(chunk)
        if progress is not None:
            progress(handed, total)


def _of_notes(
    session: Session, notes: Sequence[_Row], asked: Sequence[asking.Query]
) -> Iterator[Feedback]:
    ids = [note.id for note in notes]
    identities = of_notes(session, ids)
    found = defaultdict(list)
    for query in asked:
        for row in session.execute(asking.of_notes(query, ids)):
            found[row.note_id].append(row)
    rows = [row for each in found.values() for row in each]
    marks = _marks(session, [row.id for row in rows])
    shown = _shown(session, [row.suggestion_id for row in rows if row.suggestion_id])
    for note in notes:
        of_whom = identities.get(note.id, NOBODY)
        for row in found[note.id]:
            evidence = shown.get(row.suggestion_id, ())
            yield _feedback(note, row, of_whom, marks=marks.get(row.id, ()), shown=evidence)


def _marks(session: Session, decisions: Sequence[int]) -> Mapping[int, list[Span]]:
    found = defaultdict(list)
    for block in _blocks(decisions):
        of_these = select(MarkRow).where(MarkRow.decision_id.in_(block)).order_by(MarkRow.id)
        for mark in session.scalars(of_these):
            found[mark.decision_id].append(Span(mark.start, mark.end))
    return found


def _shown(session: Session, suggestions: Sequence[int]) -> Mapping[int, list[ExplanationRow]]:
    found = defaultdict(list)
    for block in _blocks(suggestions):
        of_these = select(ExplanationRow).where(ExplanationRow.suggestion_id.in_(block))
        whole = of_these.options(selectinload(ExplanationRow.evidence))
        for row in session.scalars(whole.order_by(ExplanationRow.id)):
            found[row.suggestion_id].append(row)
    return found


def _blocks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Databases bound the length of an IN list."""
    return (ids[start : start + _LIST] for start in range(0, len(ids), _LIST))


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
    note: _Row,
    row: _Row,
    identity: Identity,
    *,
    marks: Sequence[Span],
    shown: Sequence[ExplanationRow],
) -> Feedback:
    before = [each for each in shown if not row.decided_at or each.shown_at <= row.decided_at]
    last = before[-1] if before else None
    return Feedback(
        note=note.id,
        note_id=note.name,
        identity=identity,
        sha256=note.sha256,
        text=getattr(note, "text", None),
        finished=bool(note.finished),
        kind=Kind(row.kind),
        sequence=row.sequence,
        stands=bool(row.stands),
        code=Code(CodeSystem(row.system), row.code),
        title=row.title,
        decision=None if row.action is None else Action(row.action),
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
        coding_pass=None if row.coding_pass is None else Pass(row.coding_pass),
    )
