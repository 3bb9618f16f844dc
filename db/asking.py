"""The queries behind feedback: which decisions, and which codes shown, are asked for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, Subquery, exists, func, literal, null, select, union
from sqlalchemy.orm import aliased

from db.decisions import genuine, stands
from db.kinds import Filter, Kind, decided_as, kind, listed_as
from db.tables import DecisionRow, NoteRow, ScreenRow, SuggestionRow
from db.workflow_tables import SeedRow

Query = Select[*tuple[Any, ...]]  # Any: too many columns

_SHOWN = (
    *(ScreenRow.checkpoint_hash, ScreenRow.memory, SuggestionRow.probability, SuggestionRow.rank),
    *(SuggestionRow.source, SuggestionRow.provenance, SuggestionRow.contexts),
)


def queries(where: Filter, *, history: bool) -> list[Query]:
    """One row a code: the decisions, and where they are asked for the undecided codes."""
    undecided = Kind.UNDECIDED in where.kinds
    return [_decisions(where, history=history), *([_undecided(where)] if undecided else [])]


def notes(asked: Sequence[Query]) -> CompoundSelect[int]:
    """The ids of the notes that these rows are of."""
    return union(*(select(rows(query).c.note_id) for query in asked))


def rows(query: Query) -> Subquery:
    """Its rows, in any order."""
    return query.order_by(None).subquery()


def of_notes(query: Query, ids: Sequence[int]) -> Query:
    """Those of its rows that are of these notes."""
    return query.where(query.selected_columns.note_id.in_(ids))


def _decisions(where: Filter, *, history: bool) -> Query:
    replaced = aliased(DecisionRow)
    query = (
        select(
            *(column for column in DecisionRow.__table__.c if column.name != "replaces"),
            kind().label("kind"),
            (stands() if history else literal(True)).label("stands"),
            *_SHOWN,
            replaced.sequence.label("replaces"),
        )
        .select_from(DecisionRow)
        .join(NoteRow, NoteRow.id == DecisionRow.note_id)
        .outerjoin(ScreenRow, ScreenRow.id == DecisionRow.screen_id)
        .outerjoin(SuggestionRow, SuggestionRow.id == DecisionRow.suggestion_id)
        .outerjoin(replaced, replaced.id == DecisionRow.replaces)
        .where(decided_as(where), genuine())
        .order_by(DecisionRow.note_id, DecisionRow.sequence)
    )
    return query if history else query.where(stands())


def _undecided(where: Filter) -> Query:
    """The model's last suggestion of each code that no standing decision is on."""
    by_note = (ScreenRow.note_id, SuggestionRow.system, SuggestionRow.code)
    last = (
        select(func.max(SuggestionRow.id))
        .join(ScreenRow, ScreenRow.id == SuggestionRow.screen_id)
        .join(NoteRow, NoteRow.id == ScreenRow.note_id)
        .where(listed_as(where), ~exists().where(SeedRow.suggestion_id == SuggestionRow.id))
        .group_by(*by_note)
    )
    decision = exists().where(
        DecisionRow.note_id == ScreenRow.note_id,
        DecisionRow.system == SuggestionRow.system,
        DecisionRow.code == SuggestionRow.code,
        stands(),
    )
    nothing = ("sequence", "action", "reason", "coder", "decided_at", "replaces", "coding_pass")
    return (
        select(
            literal(0).label("id"),
            *(null().label(name) for name in nothing),
            ScreenRow.note_id,
            *(SuggestionRow.system, SuggestionRow.code, SuggestionRow.title),
            SuggestionRow.id.label("suggestion_id"),
            literal(Kind.UNDECIDED.value).label("kind"),
            literal(False).label("stands"),
            *_SHOWN,
        )
        .select_from(SuggestionRow)
        .join(ScreenRow, ScreenRow.id == SuggestionRow.screen_id)
        .where(SuggestionRow.id.in_(last), ~decision)
        .order_by(ScreenRow.note_id, SuggestionRow.id)
    )
