"""Builders for what happens at a coder's desk: a note, a screen, a decision."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from core.types import (
    Code,
    CodeSystem,
    Context,
    Evidence,
    Explanation,
    Note,
    Suggestion,
    Suggestions,
)
from db import decisions, notes, screens
from db.records import Action, Decision, Draft, Said, Screen, StoredNote

TEXT = "Fever 😀 and cough.\r\nHypertension."
FEVER = Code(CodeSystem.ICD10CM, "R50.9")
COUGH = Code(CodeSystem.ICD10CM, "R05")
PRESSURE = Code(CodeSystem.ICD10CM, "I10")
TOKEN = "3f1d0c0e-6c1b-4a51-9f43-0d5f0a2b7c11"  # noqa: S105
CIRCULATION = Code(CodeSystem.CCSR, "CIR007")


def clock(minute: int = 0) -> datetime:
    """2026-01-02 03:00 UTC and some microseconds, `minute` minutes later."""
    return datetime(2026, 1, 2, 3, 0, 0, 123456, tzinfo=UTC) + timedelta(minutes=minute)


def a_note(session: Session, *, name: str = "letter", text: str = TEXT) -> StoredNote:
    note = Note(id=name, text=text)
    added = notes.add(session, note, source=f"{name}.txt", uploaded_by="ana", at=clock())
    return added.note


def some_suggestions() -> Suggestions:
    ranked = (
        Suggestion(
            code=PRESSURE,
            title="Hypertension",
            task="icd",
            probability=0.75,
            category=CIRCULATION,
            source="network and memory",
            provenance='"hta": seen in 14 coded notes, 13 times I10',
            contexts=(Context.FAMILY, Context.HISTORICAL),
        ),
        Suggestion(code=FEVER, title="Fever", task="icd", probability=0.5, source="lexicon"),
        Suggestion(code=CIRCULATION, title="Essential hypertension", task="ccs", probability=0.625),
    )
    return Suggestions(
        note_id="letter", checkpoint="c0ffee", truncated_at=12, memory="3 notes 5eed", ranked=ranked
    )


def a_screen(
    session: Session, note: StoredNote, *, coder: str = "ana", at: int = 0, **changes
) -> Screen:
    return screens.record(
        session,
        some_suggestions(),
        note_id=note.id,
        coder=coder,
        checkpoint="marn",
        thresholds={"icd": 0.5, "ccs": 0.25},
        app_version="0.1.0",
        at=clock(at),
        **changes,
    )


def some_evidence(*, method: str = "attention", score: float = 1.0) -> Explanation:
    spans = (Evidence(20, 32, score), Evidence(0, 5, 0.25))
    return Explanation(code=PRESSURE, method=method, tokens=(), spans=spans, delta=None)


def some_words(explanation_id: int, *, after: float | None = 0.12, at: int = 1) -> Said:
    return Said(
        explanation_id=explanation_id,
        before=0.75,
        after=after,
        words=5,
        agreed=4,
        memory="3 notes 5eed",
        sentences=f"Removing these words drops the score from 0.75 to {after}.",
        said_at=clock(at),
    )


def a_draft(note: StoredNote, code: Code, action: Action = Action.ACCEPT, **changes) -> Draft:
    reason = "not in the note" if action is Action.REJECT else None
    settings = {"title": code.code, "coder": "ana", "token": str(uuid4()), "reason": reason}
    return Draft(note_id=note.id, code=code, action=action, **(settings | changes))


def decide(
    session: Session,
    note: StoredNote,
    code: Code,
    action: Action = Action.ACCEPT,
    *,
    seen: int | None = None,
    at: int = 1,
    **changes,
) -> Decision:
    """Append a decision by somebody who has seen all there is, unless `seen` says otherwise."""
    if seen is None:
        seen = len(decisions.of_note(session, note.id))
    draft = a_draft(note, code, action, **changes)
    return decisions.append(session, draft, seen=seen, at=clock(at))
