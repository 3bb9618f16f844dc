"""Trials: lists withheld at first, suggestions wrong on purpose. Off unless somebody starts one.

A seeded suggestion is a row like any other of its screen; `seeds` says beside it that no model made
it, so that nothing learns from it and nothing exports it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput
from core.types import Code, CodeSystem
from db import screens
from db.records import Screen
from db.tables import DecisionRow, NoteRow, ScreenRow, SuggestionRow
from db.workflow_tables import SeedRow, TrialEventRow


class TrialKind(StrEnum):
    """What a chart on trial is about, and how far it is."""

    BLIND_FIRST = "blind first"
    SEEDED = "seeded"
    SUBMITTED = "submitted"  # the list made without suggestions
    REVEALED = "revealed"  # the coder was told which suggestion was wrong on purpose


@dataclass(frozen=True, kw_only=True)
class TrialEvent:
    """A step of a trial of one coder's chart."""

    note_id: int
    coder: str
    kind: TrialKind
    by: str
    at: datetime


def record(
    session: Session, note_id: int, kind: TrialKind, *, coder: str, by: str, at: datetime
) -> None:
    """Keep a step; a step taken twice is kept once.

    BadInput if a trial starts after this coder saw suggestions for the note or decided on it, or
    if a list is submitted that was not asked for.
    """
    if session.scalar(select(NoteRow.id).where(NoteRow.id == note_id).with_for_update()) is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    known = {event.kind for event in every(session, note_id=note_id, coder=coder)}
    if kind in known:
        return
    if kind in (TrialKind.BLIND_FIRST, TrialKind.SEEDED) and _begun(session, note_id, coder):
        raise BadInput(f"{coder} has begun this chart; start a trial on one they have not seen")
    if kind is TrialKind.SUBMITTED and TrialKind.BLIND_FIRST not in known:
        raise BadInput("no first list was asked for; the suggestions are shown already")
    session.add(TrialEventRow(note_id=note_id, coder=coder, kind=kind.value, by=by, at=at))
    session.flush()


def every(
    session: Session, *, note_id: int | None = None, coder: str | None = None
) -> tuple[TrialEvent, ...]:
    """All steps of all trials, of one note, of one coder; oldest first."""
    rows = select(TrialEventRow).order_by(TrialEventRow.id)
    if note_id is not None:
        rows = rows.where(TrialEventRow.note_id == note_id)
    if coder is not None:
        rows = rows.where(TrialEventRow.coder == coder)
    return tuple(
        TrialEvent(
            note_id=row.note_id,
            coder=row.coder,
            kind=TrialKind(row.kind),
            by=row.by,
            at=row.at,
        )
        for row in session.scalars(rows)
    )


def plant(session: Session, screen: Screen, *, code: Code, sibling: Code, at: datetime) -> None:
    """Say that `code` on this screen is no suggestion of a model but stands in for its sibling."""
    if seeded(session, [screen.id]):
        return  # the same screen again
    ids = {each.suggestion.code: each.id for each in screen.suggestions}
    session.add(SeedRow(suggestion_id=ids[code], sibling_id=ids[sibling], at=at))
    session.flush()


def seeded(session: Session, screen_ids: Iterable[int]) -> Mapping[int, int]:
    """The seeded suggestions of these screens, each with its screen's id."""
    of_these = (
        select(SeedRow.suggestion_id, SuggestionRow.screen_id)
        .join(SuggestionRow, SuggestionRow.id == SeedRow.suggestion_id)
        .where(SuggestionRow.screen_id.in_(list(screen_ids)))
    )
    return {row.suggestion_id: row.screen_id for row in session.execute(of_these)}


def seeded_for(session: Session, coder: str | None = None) -> tuple[tuple[int, str, int], ...]:
    """(note, coder, suggestion) of every seeded suggestion that was shown, or of one coder's."""
    shown = (
        select(ScreenRow.note_id, ScreenRow.coder, SeedRow.suggestion_id)
        .join(SuggestionRow, SuggestionRow.id == SeedRow.suggestion_id)
        .join(ScreenRow, ScreenRow.id == SuggestionRow.screen_id)
        .order_by(SeedRow.id)
    )
    if coder is not None:
        shown = shown.where(ScreenRow.coder == coder)
    return tuple((note, who, suggestion) for note, who, suggestion in session.execute(shown))


def codes(session: Session, suggestion_ids: Iterable[int]) -> dict[int, Code]:
    """The codes of these suggestions."""
    of_these = select(SuggestionRow).where(SuggestionRow.id.in_(list(suggestion_ids)))
    rows = session.scalars(of_these.order_by(SuggestionRow.id))
    return {row.id: Code(CodeSystem(row.system), row.code) for row in rows}


def _begun(session: Session, note_id: int, coder: str) -> bool:
    decided = select(DecisionRow.id).where(
        DecisionRow.note_id == note_id, DecisionRow.coder == coder
    )
    seen = screens.latest(session, note_id, coder=coder)
    return seen is not None or session.scalar(decided.limit(1)) is not None
