"""Saying: what an intent says of codes beyond the codes (order, POA, comment, unrelated pairs)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import BadInput
from db import details
from db.records import Decision, Pass
from db.workflow_records import Detail, DetailDraft, Field, subject
from ui.services.intents import Intent, Kind
from ui.services.retracing import done_last, taken_back_last

_FIELDS = {
    Kind.ORDER: Field.ORDER,
    Kind.POA: Field.POA,
    Kind.COMMENT: Field.COMMENT,
    Kind.UNRELATED: Field.UNRELATED,
}
OF_DETAILS = frozenset(_FIELDS)
_STEPS = {Kind.UNDO: done_last, Kind.REDO: taken_back_last}


def say(
    session: Session,
    intent: Intent,
    said: Sequence[Detail],
    *,
    coder: str,
    coding_pass: Pass,
    at: datetime,
) -> Detail:
    """Write the detail an intent asks for. Conflict if somebody else changed the same thing."""
    field = _FIELDS[intent.kind]
    draft = DetailDraft(
        note_id=intent.note_id,
        field=field,
        code=intent.code,
        value=_value(intent),
        coder=coder,
        token=intent.token,
        coding_pass=coding_pass,
    )
    seen = _seen(intent, subject(field, intent.code, coder), said)
    return details.append(session, draft, seen=seen, at=at)


def steps_on(
    intent: Intent, made: Sequence[Decision], said: Sequence[Detail], *, coder: str
) -> Detail | None:
    """The detail that an undo or redo concerns; None if it concerns a decision.

    BadInput if there is nothing to undo or redo.
    """
    if intent.kind not in _STEPS:
        return None
    found = _STEPS[intent.kind](made, said, coder=coder)
    if found is None:
        raise BadInput(f"there is nothing to {intent.kind}; the chart is as you see it")
    return found if isinstance(found, Detail) else None


def take_back(
    session: Session,
    intent: Intent,
    target: Detail,
    said: Sequence[Detail],
    *,
    coder: str,
    at: datetime,
) -> Detail | None:
    """Undo or redo this coder's last detail, which is `target`."""
    step: Callable[..., Detail | None] = details.undo if intent.kind is Kind.UNDO else details.redo
    return step(
        session,
        intent.note_id,
        coder=coder,
        token=intent.token,
        seen=_seen(intent, target.subject, said),
        at=at,
        coding_pass=target.coding_pass,
    )


def _value(intent: Intent) -> str:
    if intent.kind is Kind.ORDER:
        return details.order(intent.codes)
    if intent.kind is Kind.UNRELATED:
        return details.unrelated(intent.pairs)
    return intent.value


def _seen(intent: Intent, of: object, said: Sequence[Detail]) -> int:
    """What the coder has seen of it: what stood on the screen, and what they did since."""
    newer = [row for row in said if row.subject == of and row.sequence > intent.seen_details]
    if newer and all(row.token in intent.after for row in newer):
        return newer[-1].sequence
    return intent.seen_details
