"""Details: order, POA, comments and unrelated pairs, appended one by one as decisions are.

A write names the last sequence of details its coder had seen; if the same subject was changed
since, that is a Conflict and nothing is written.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from core.types import Code, CodeSystem
from db import blindness, decisions, tombstones
from db.coded import DIAGNOSES, codes_of
from db.records import Pass
from db.standing import latest, redoable, undoable
from db.tables import NoteRow
from db.workflow_records import POA, Detail, DetailDraft, Field, subject
from db.workflow_tables import DetailRow

LONGEST_COMMENT = 2000  # characters
_NAMES = {
    Field.ORDER: "the order",
    Field.POA: "the POA indicator",
    Field.COMMENT: "the comment",
    Field.UNRELATED: "the list of unrelated codes",
}


def of_note(
    session: Session, note_id: int, *, coding_pass: Pass | None = Pass.FIRST
) -> tuple[Detail, ...]:
    """All details of one coding of a note (None: of all), in sequence."""
    rows = select(DetailRow).where(DetailRow.note_id == note_id)
    if coding_pass is not None:
        rows = rows.where(DetailRow.coding_pass == coding_pass.value)
    return tuple(map(_record, session.scalars(rows.order_by(DetailRow.sequence))))


def order(codes: Iterable[Code]) -> str:
    """The value of an order: `Detail.order` reads it back."""
    return json.dumps([[code.system.value, code.code] for code in codes])


def unrelated(pairs: Iterable[frozenset[Code]]) -> str:
    """The value of the unrelated pairs: `Detail.unrelated` reads it back."""
    written = sorted(sorted([code.system.value, code.code] for code in pair) for pair in pairs)
    return json.dumps(written)


def append(session: Session, draft: DetailDraft, *, seen: int, at: datetime) -> Detail:
    """Write a detail and return it; a token that was written before returns that one.

    Conflict if somebody changed the same thing after `seen`; BadInput if the value is none, the
    code does not stand, or the coder is not blind to another coding.
    """
    if (known := _by_token(session, draft.token)) is not None:
        return known
    _lock_note(session, draft.note_id)
    blindness.refuse_coding(
        session, draft.note_id, coder=draft.coder, coding_pass=draft.coding_pass
    )
    everything = of_note(session, draft.note_id, coding_pass=None)
    past = [row for row in everything if row.coding_pass is draft.coding_pass]
    _refuse_stale(subject(draft.field, draft.code, draft.coder), past, seen=seen)
    if draft.replaces is not None or draft.retracts:
        _check_replaced(draft, past)
    else:
        _check_value(session, draft)
    row = _row(draft, sequence=everything[-1].sequence + 1 if everything else 1, at=at)
    session.add(row)
    session.flush()
    return _record(row)


def undo(
    session: Session,
    note_id: int,
    *,
    coder: str,
    token: str,
    seen: int,
    at: datetime,
    coding_pass: Pass = Pass.FIRST,
) -> Detail | None:
    """Take back the coder's latest detail that stands; None if there is none."""
    if (known := _by_token(session, token)) is not None:
        return known
    found = undoable(of_note(session, note_id, coding_pass=coding_pass), coder=coder)
    if found is None:
        return None
    return append(session, _answer(found, coder, token, retracts=True), seen=seen, at=at)


def redo(
    session: Session,
    note_id: int,
    *,
    coder: str,
    token: str,
    seen: int,
    at: datetime,
    coding_pass: Pass = Pass.FIRST,
) -> Detail | None:
    """Set again what the coder last took back; None if nothing is left to redo."""
    if (known := _by_token(session, token)) is not None:
        return known
    found = redoable(of_note(session, note_id, coding_pass=coding_pass), coder=coder)
    if found is None:
        return None
    return append(session, _answer(found, coder, token, retracts=False), seen=seen, at=at)


def _answer(detail: Detail, coder: str, token: str, *, retracts: bool) -> DetailDraft:
    return DetailDraft(
        note_id=detail.note_id,
        field=detail.field,
        code=detail.code,
        value=detail.value,
        coder=coder,
        token=token,
        coding_pass=detail.coding_pass,
        retracts=retracts,
        replaces=detail.id,
    )


def _check_value(session: Session, draft: DetailDraft) -> None:
    if not draft.coder.strip():
        raise BadInput(f"{_NAMES[draft.field]} needs the name of its coder; enter yours")
    match draft.field:
        case Field.COMMENT:
            if len(draft.value) > LONGEST_COMMENT:
                raise BadInput(
                    f"the comment has {len(draft.value):,} characters; {LONGEST_COMMENT:,} fit"
                )
        case Field.POA:
            if draft.value not in ("", *POA):
                raise BadInput(f"a POA indicator is one of {', '.join(POA)}, or blank")
            _check_codes(session, draft, [draft.code] if draft.code else [])
            if draft.code is None or draft.code.system not in DIAGNOSES:
                raise BadInput("only a diagnosis has a POA indicator; choose one")
        case Field.ORDER:
            _check_codes(session, draft, _codes(draft.value))
        case Field.UNRELATED:
            _check_pairs(draft.value)


def _codes(value: str) -> list[Code]:
    try:
        codes = [Code(CodeSystem(system), code) for system, code in json.loads(value)]
    except (ValueError, TypeError):
        raise BadInput("this is no order of codes; reload the page and order them again") from None
    if len(set(codes)) < len(codes):
        raise BadInput("a code stands twice in this order; reload the page and order them again")
    return codes


def _check_pairs(value: str) -> None:
    """Pairs may outlive their codes: a code that is taken off may come back."""
    try:
        pairs = [[Code(CodeSystem(s), code) for s, code in pair] for pair in json.loads(value)]
    except (ValueError, TypeError):
        raise BadInput("these are no pairs of codes; reload the page and try again") from None
    if any(len(set(pair)) != 2 for pair in pairs):
        raise BadInput("unrelated codes come in pairs; reload the page and try again")


def _check_codes(session: Session, draft: DetailDraft, codes: Sequence[Code]) -> None:
    made = decisions.of_note(session, draft.note_id, coding_pass=None)
    stands = codes_of(made, coding_pass=draft.coding_pass)
    for code in codes:
        if code not in stands:
            raise BadInput(f"{code} is not among the codes of this chart; accept or add it first")


def _check_replaced(draft: DetailDraft, past: Sequence[Detail]) -> None:
    """A retract takes back what stands; a redo sets again what was taken back."""
    replaced = next((row for row in past if row.id == draft.replaces), None)
    stands = latest(past, lambda row: row.subject)
    if replaced is None or replaced.retracts:
        fits = False
    elif draft.retracts:
        fits = stands.get(replaced.subject) == replaced
    else:
        fits = any(row.retracts and row.replaces == replaced.id for row in past)
    if not fits:
        raise BadInput(
            f"{_NAMES[draft.field]} can no longer be undone or set again; reload the note"
        )


def _refuse_stale(of: object, past: Sequence[Detail], *, seen: int) -> None:
    newer = [row for row in past if row.subject == of and row.sequence > seen]
    if newer:
        last = newer[-1]
        what = _NAMES[last.field] + ("" if last.code is None else f" of {last.code}")
        when = f"{last.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        raise Conflict(
            f"{what} was changed by {last.coder} at {when}, after you opened it; "
            "nothing was changed: look at it and decide again"
        )


def _lock_note(session: Session, note_id: int) -> None:
    note = select(NoteRow.id).where(NoteRow.id == note_id).with_for_update()
    if session.scalar(note) is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    tombstones.refuse(session, note_id)


def _by_token(session: Session, token: str) -> Detail | None:
    row = session.scalar(select(DetailRow).where(DetailRow.token == token))
    return None if row is None else _record(row)


def _row(draft: DetailDraft, *, sequence: int, at: datetime) -> DetailRow:
    return DetailRow(
        note_id=draft.note_id,
        coding_pass=draft.coding_pass.value,
        sequence=sequence,
        field=draft.field.value,
        action="retract" if draft.retracts else "set",
        system=draft.code and draft.code.system.value,
        code=draft.code and draft.code.code,
        value=draft.value,
        coder=draft.coder,
        at=at,
        token=draft.token,
        replaces=draft.replaces,
    )


def _record(row: DetailRow) -> Detail:
    code = None
    if row.system is not None and row.code is not None:
        code = Code(CodeSystem(row.system), row.code)
    return Detail(
        id=row.id,
        note_id=row.note_id,
        coding_pass=Pass(row.coding_pass),
        sequence=row.sequence,
        field=Field(row.field),
        code=code,
        value=row.value,
        coder=row.coder,
        token=row.token,
        at=row.at,
        retracts=row.action == "retract",
        replaces=row.replaces,
    )
