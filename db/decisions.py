"""Decisions: appended one by one, numbered within their note, never edited.

Every write names the last sequence its coder had seen. If the same code was decided on since, that
is a Conflict and nothing is written; decisions on other codes never get in the way.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from core.errors import BadInput, Conflict
from core.types import Code, CodeSystem, Span
from db import blindness, tombstones
from db.records import Action, Decision, Draft, Pass
from db.standing import part, redoable_step, standing, undoable_step
from db.tables import DecisionRow, MarkRow, NoteRow, ScreenRow, SuggestionRow
from db.workflow_tables import SeedRow

_CHUNK = 200  # notes read at a time; keeps the IN lists short
_PAST = {
    Action.ACCEPT: "accepted",
    Action.REJECT: "rejected",
    Action.ADD: "added",
    Action.RETRACT: "taken back",
}


def of_note(
    session: Session, note_id: int, *, coding_pass: Pass | None = Pass.FIRST
) -> tuple[Decision, ...]:
    """All decisions of one coding of a note (None: of all), in sequence.

    `[-1].sequence` is what a coder has then seen.
    """
    rows = select(DecisionRow).where(DecisionRow.note_id == note_id)
    if coding_pass is not None:
        rows = rows.where(DecisionRow.coding_pass == coding_pass.value)
    return tuple(map(_record, session.scalars(rows.order_by(DecisionRow.sequence))))


def get(session: Session, decision_id: int) -> Decision:
    """The decision with this id; BadInput if there is none."""
    row = session.get(DecisionRow, decision_id)
    if row is None:
        raise BadInput(f"there is no decision {decision_id}; reload the chart")
    return _record(row)


def genuine() -> ColumnElement[bool]:
    """SQL for "this DecisionRow is not on a suggestion that was seeded" (see `db.trials`)."""
    return ~exists().where(SeedRow.suggestion_id == DecisionRow.suggestion_id)


def of_notes(session: Session, note_ids: Iterable[int]) -> dict[int, tuple[Decision, ...]]:
    """All decisions of all codings of these notes, by note, in sequence."""
    found: dict[int, list[Decision]] = {note_id: [] for note_id in note_ids}
    wanted = sorted(found)
    for start in range(0, len(wanted), _CHUNK):
        rows = select(DecisionRow).where(DecisionRow.note_id.in_(wanted[start : start + _CHUNK]))
        for row in session.scalars(rows.order_by(DecisionRow.note_id, DecisionRow.sequence)):
            found[row.note_id].append(_record(row))
    return {note_id: tuple(made) for note_id, made in found.items()}


def append(session: Session, draft: Draft, *, seen: int, at: datetime) -> Decision:
    """Write a decision and return it; a token that was written before returns that decision.

    `seen` is the last sequence of the note on the coder's screen (0: none). Conflict if anyone
    decided on the same code in the same pass after it; BadInput if the draft contradicts itself or
    the record, or if its coder is not blind to another pass (`blindness.refuse_coding`).
    """
    if (known := _with_token(session, draft)) is not None:
        return known
    characters = _lock_note(session, draft.note_id)
    everything = of_note(session, draft.note_id, coding_pass=None)
    blindness.refuse_coding(
        session, draft.note_id, coder=draft.coder, coding_pass=draft.coding_pass
    )
    past = [row for row in everything if row.coding_pass is draft.coding_pass]
    _refuse_stale(draft.code, past, seen=seen)
    _check_draft(draft, characters=characters)
    _check_shown(session, draft)
    if draft.replaces is not None or draft.action is Action.RETRACT:
        _check_replaced(draft, past)
    row = _row(draft, sequence=everything[-1].sequence + 1 if everything else 1, at=at)
    session.add(row)
    session.flush()
    return _record(row)


def retract(
    session: Session, decision: Decision, *, coder: str, token: str, seen: int, at: datetime
) -> Decision:
    """Take back a decision that stands; what stood before it stands again."""
    draft = _draft(decision, coder=coder, token=token, action=Action.RETRACT)
    return append(session, draft, seen=seen, at=at)


def undo(
    session: Session,
    note_id: int,
    *,
    coder: str,
    token: str,
    seen: int,
    at: datetime,
    coding_pass: Pass = Pass.FIRST,
) -> Decision | None:
    """Take back the coder's latest decision that stands; None if there is none.

    What was decided in one step is taken back in one (`standing.undoable_step`).
    """
    if (known := _by_token(session, token)) is not None:
        return known
    step = undoable_step(of_note(session, note_id, coding_pass=coding_pass), coder=coder)
    made = [
        retract(session, decision, coder=coder, token=part(token, place), seen=seen, at=at)
        for place, decision in enumerate(step)
    ]
    return next(iter(made), None)


def redo(
    session: Session,
    note_id: int,
    *,
    coder: str,
    token: str,
    seen: int,
    at: datetime,
    coding_pass: Pass = Pass.FIRST,
) -> Decision | None:
    """Make again what the coder last took back; None if nothing is left to redo."""
    if (known := _by_token(session, token)) is not None:
        return known
    step = redoable_step(of_note(session, note_id, coding_pass=coding_pass), coder=coder)
    made = [
        again(session, decision, coder=coder, token=part(token, place), seen=seen, at=at)
        for place, decision in enumerate(step)
    ]
    return next(iter(made), None)


def again(
    session: Session, decision: Decision, *, coder: str, token: str, seen: int, at: datetime
) -> Decision:
    """Make again a decision that was taken back."""
    draft = _draft(decision, coder=coder, token=token, action=decision.action)
    return append(session, draft, seen=seen, at=at)


def stands(coding_pass: Pass | None = None) -> ColumnElement[bool]:
    """SQL for "this DecisionRow holds for its chart", the same rule as `standing.final`.

    With a coding pass: "it stands in that coding", whatever the others say (`standing.standing`).
    """
    taken_back, later, later_taken_back = (aliased(DecisionRow) for _ in range(3))

    def retracts(row: type[DecisionRow], target: type[DecisionRow]) -> ColumnElement[bool]:
        return exists().where(row.replaces == target.id, row.action == Action.RETRACT.value)

    wins = (later.coding_pass == DecisionRow.coding_pass) & (later.sequence > DecisionRow.sequence)
    if coding_pass is None:
        wins |= (later.coding_pass == Pass.ADJUDICATED.value) & (
            DecisionRow.coding_pass == Pass.FIRST.value
        )
    superseded = exists().where(
        later.note_id == DecisionRow.note_id,
        later.system == DecisionRow.system,
        later.code == DecisionRow.code,
        wins,
        later.action != Action.RETRACT.value,
        ~retracts(later_taken_back, later),
    )
    return (
        (DecisionRow.action != Action.RETRACT.value)
        & _counted(coding_pass)
        & ~retracts(taken_back, DecisionRow)
        & ~superseded
    )


def _counted(coding_pass: Pass | None) -> ColumnElement[bool]:
    """Which coding counts: that one, or (None) all but second codings, which are for comparison."""
    if coding_pass is None:
        return DecisionRow.coding_pass != Pass.SECOND.value
    return DecisionRow.coding_pass == coding_pass.value


def _lock_note(session: Session, note_id: int) -> int:
    """The note's length, with its row locked where the database locks rows."""
    note = select(NoteRow.characters).where(NoteRow.id == note_id).with_for_update()
    characters = session.scalar(note)
    tombstones.refuse(session, note_id)
    if characters is None:
        raise BadInput(f"there is no note {note_id}; go back to the inbox and open another")
    return characters


def _by_token(session: Session, token: str) -> Decision | None:
    row = session.scalar(select(DecisionRow).where(DecisionRow.token == token))
    return None if row is None else _record(row)


def _with_token(session: Session, draft: Draft) -> Decision | None:
    known = _by_token(session, draft.token)
    if known is None:
        return None
    if (known.note_id, known.code, known.action, known.coder, known.coding_pass) != (
        draft.note_id,
        draft.code,
        draft.action,
        draft.coder,
        draft.coding_pass,
    ):
        raise BadInput(
            f"token {draft.token} belongs to another decision ({known.action} {known.code}); "
            "use a fresh token for each decision"
        )
    return known


def _refuse_stale(code: Code, past: Sequence[Decision], *, seen: int) -> None:
    newer = [row for row in past if row.code == code and row.sequence > seen]
    if newer:
        last = newer[-1]
        when = last.decided_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        raise Conflict(
            f"{code} was {_PAST[last.action]} by {last.coder} at {when} UTC, after you opened it; "
            "nothing was changed: look at it and decide again"
        )


def _check_draft(draft: Draft, *, characters: int) -> None:
    if draft.action is Action.REJECT and not (draft.reason or "").strip():
        raise BadInput(f"rejecting {draft.code} needs a reason; choose one")
    if not draft.coder.strip():
        raise BadInput(f"a decision on {draft.code} needs the name of its coder; enter yours")
    for span in draft.evidence:
        if not 0 <= span.start < span.end <= characters:
            raise BadInput(
                f"evidence {span.start}-{span.end} for {draft.code} lies outside the note "
                f"({characters} characters); mark it again"
            )


def _check_shown(session: Session, draft: Draft) -> None:
    """The screen is of this note, and the suggestion is on that screen and of this code."""
    if draft.suggestion_id is not None:
        suggestion = session.get(SuggestionRow, draft.suggestion_id)
        if suggestion is None or (suggestion.screen_id, suggestion.system, suggestion.code) != (
            draft.screen_id,
            draft.code.system.value,
            draft.code.code,
        ):
            raise BadInput(
                f"suggestion {draft.suggestion_id} on screen {draft.screen_id} is not of "
                f"{draft.code}; open the note again"
            )
    if draft.screen_id is not None:
        of_note = select(ScreenRow.note_id).where(ScreenRow.id == draft.screen_id)
        if session.scalar(of_note) != draft.note_id:
            raise BadInput(
                f"screen {draft.screen_id} is not of note {draft.note_id}; open the note again"
            )


def _check_replaced(draft: Draft, past: Sequence[Decision]) -> None:
    """A retract takes back what stands; a redo makes again what was taken back."""
    replaced = next((row for row in past if row.id == draft.replaces), None)
    if replaced is None or replaced.code != draft.code or replaced.action is Action.RETRACT:
        raise BadInput(f"decision {draft.replaces} is none on {draft.code} in this note; reload it")
    if draft.action is Action.RETRACT:
        fits = standing(past).get(draft.code) == replaced
    else:
        fits = replaced.action is draft.action and any(
            row.action is Action.RETRACT and row.replaces == replaced.id for row in past
        )
    if not fits:
        raise BadInput(
            f"decision {replaced.sequence} on {draft.code} can no longer be undone or made again; "
            "reload the note"
        )


def _draft(decision: Decision, *, coder: str, token: str, action: Action) -> Draft:
    """A draft that answers `decision`, on the same code and the same screen."""
    retracts = action is Action.RETRACT
    return Draft(
        note_id=decision.note_id,
        code=decision.code,
        title=decision.title,
        action=action,
        coder=coder,
        token=token,
        reason=None if retracts else decision.reason,
        screen_id=decision.screen_id,
        suggestion_id=decision.suggestion_id,
        evidence=() if retracts else decision.evidence,
        replaces=decision.id,
        coding_pass=decision.coding_pass,
    )


def _row(draft: Draft, *, sequence: int, at: datetime) -> DecisionRow:
    return DecisionRow(
        note_id=draft.note_id,
        sequence=sequence,
        system=draft.code.system.value,
        code=draft.code.code,
        title=draft.title,
        action=draft.action.value,
        reason=draft.reason,
        coder=draft.coder,
        decided_at=at,
        token=draft.token,
        screen_id=draft.screen_id,
        suggestion_id=draft.suggestion_id,
        replaces=draft.replaces,
        coding_pass=draft.coding_pass.value,
        marks=[MarkRow(start=span.start, end=span.end) for span in draft.evidence],
    )


def _record(row: DecisionRow) -> Decision:
    return Decision(
        id=row.id,
        note_id=row.note_id,
        sequence=row.sequence,
        code=Code(CodeSystem(row.system), row.code),
        title=row.title,
        action=Action(row.action),
        coder=row.coder,
        token=row.token,
        decided_at=row.decided_at,
        reason=row.reason,
        screen_id=row.screen_id,
        suggestion_id=row.suggestion_id,
        evidence=tuple(Span(mark.start, mark.end) for mark in row.marks),
        replaces=row.replaces,
        coding_pass=Pass(row.coding_pass),
    )
