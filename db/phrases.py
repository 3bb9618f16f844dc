"""Edits of phrase memory: a phrase switched off or on for a code, or added, and each taken back.

What holds for a phrase and a code is what its events say that nobody took back, the last one
first. The words of a phrase may be a note's, and then they go with it (`db.tombstones`); another
note that holds them is named in its place before (`carry_over`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from core.memory.edits import Edits, SitePhrase
from core.memory.words import phrase_words
from core.types import Code, CodeSystem
from db.erasure_tables import TombstoneRow
from db.phrase_tables import PhraseEventRow
from db.tables import DecisionRow, MarkRow, NoteRow

LONGEST_REASON = 200  # characters
LONGEST_PHRASE = 120
LANGUAGES = ("en", "es")
CARRIED = "still off: the note that its words were taken from was deleted, another holds them"
Meaning = tuple[tuple[str, ...], Code]  # what a phrase is known by, and what it stands for


class PhraseAction(StrEnum):
    OFF = "off"
    ON = "on"
    ADD = "add"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class PhraseEvent:
    """What somebody changed. `note_id`: whose words they are; None: of nobody's note."""

    id: int
    action: PhraseAction
    key: tuple[str, ...]  # empty: the words are gone, or it takes back another event
    phrase: str
    language: str | None
    code: Code
    reason: str
    note_id: int | None
    by: str
    at: datetime
    replaces: int | None


@dataclass(frozen=True, kw_only=True)
class PhraseDraft:
    """An event that is to be written. `key`: None for what the phrase itself is known by."""

    action: PhraseAction
    phrase: str
    code: Code
    reason: str
    by: str
    key: tuple[str, ...] | None = None
    language: str | None = None
    note_id: int | None = None


def record(session: Session, draft: PhraseDraft, *, at: datetime) -> PhraseEvent:
    """Write what somebody changed (never UNDO, see `undo`).

    BadInput if it says too little, Conflict if it holds already.
    """
    key = phrase_words(draft.phrase) if draft.key is None else draft.key
    _refuse(draft, key)
    _refuse_old(draft.action, standing(every(session)).get((key, draft.code), ()))
    row = PhraseEventRow(
        action=draft.action.value,
        words=" ".join(key),
        phrase=draft.phrase,
        language=draft.language,
        system=draft.code.system.value,
        code=draft.code.code,
        reason=draft.reason.strip(),
        note_id=draft.note_id,
        by=draft.by,
        at=at,
    )
    session.add(row)
    session.flush()
    return _record(row)


def undo(session: Session, event_id: int, *, by: str, at: datetime) -> PhraseEvent:
    """Take back the last event of a phrase; what held before it holds again.

    Conflict if it is not the last, BadInput if there is no such event.
    """
    events = every(session)
    event = next((each for each in events if each.id == event_id), None)
    if event is None or not event.key:
        raise BadInput("there is no such change of memory; look at the phrase again")
    made = standing(events).get((event.key, event.code), ())
    if not made or made[-1].id != event_id:
        raise Conflict("this phrase was changed since; take back the latest change first")
    row = PhraseEventRow(
        action=PhraseAction.UNDO.value,
        words="",
        phrase="",
        system=event.code.system.value,
        code=event.code.code,
        reason="",
        by=by,
        at=at,
        replaces=event_id,
    )
    session.add(row)
    session.flush()
    return _record(row)


def every(session: Session) -> tuple[PhraseEvent, ...]:
    """All events, oldest first."""
    rows = session.scalars(select(PhraseEventRow).order_by(PhraseEventRow.id))
    return tuple(map(_record, rows))


def standing(events: Iterable[PhraseEvent]) -> Mapping[Meaning, list[PhraseEvent]]:
    """By phrase and code, the events nobody took back, oldest first. Deleted words are left out."""
    ordered = list(events)
    taken_back = {each.replaces for each in ordered}
    found: defaultdict[Meaning, list[PhraseEvent]] = defaultdict(list)
    for each in ordered:
        if each.key and each.id not in taken_back and each.action is not PhraseAction.UNDO:
            found[each.key, each.code].append(each)
    return dict(found)


def edits(session: Session) -> Edits:
    """What holds now, as memory takes it."""
    found = standing(every(session))
    return Edits(
        off=frozenset(meaning for meaning, made in found.items() if _is_off(made)),
        added=frozenset(
            SitePhrase(language=each.language or "en", key=key, code=code)
            for (key, code), made in found.items()
            for each in made
            if each.action is PhraseAction.ADD
        ),
    )


def carry_over(session: Session, note_id: int, *, by: str, at: datetime) -> None:
    """Before a note is deleted: what is switched off in its words stays off in another note's.

    A phrase that no other note marks for the code is gone with the note, and its switch too.
    """
    for (key, code), made in standing(every(session)).items():
        if _is_off(made) and made[-1].note_id == note_id:
            other = _another_note(session, key, code, but=note_id)
            if other is not None:
                session.add(
                    PhraseEventRow(
                        action=PhraseAction.OFF.value,
                        words=" ".join(key),
                        phrase=other[1],
                        system=code.system.value,
                        code=code.code,
                        reason=CARRIED,
                        note_id=other[0],
                        by=by,
                        at=at,
                    )
                )
    session.flush()


def _another_note(
    session: Session, key: tuple[str, ...], code: Code, *, but: int
) -> tuple[int, str] | None:
    """A note that is there and in which the phrase was marked for the code, with its words."""
    words = func.substr(NoteRow.text, MarkRow.start + 1, MarkRow.end - MarkRow.start)
    rows = (
        select(NoteRow.id, words)
        .join(DecisionRow, DecisionRow.note_id == NoteRow.id)
        .join(MarkRow, MarkRow.decision_id == DecisionRow.id)
        .where(DecisionRow.system == code.system.value, DecisionRow.code == code.code)
        .where(NoteRow.id != but, NoteRow.id.not_in(select(TombstoneRow.note_id)))
    )
    found = ((row_id, marked) for row_id, marked in session.execute(rows))
    return next((each for each in found if phrase_words(each[1]) == key), None)


def _refuse(draft: PhraseDraft, key: tuple[str, ...]) -> None:
    added = draft.action is PhraseAction.ADD
    if not key or (added and len(draft.phrase) > LONGEST_PHRASE):
        raise BadInput(
            f"a phrase needs a word besides the small ones, and at most {LONGEST_PHRASE} "
            "characters; enter the words that stand for the code"
        )
    if not draft.reason.strip() or len(draft.reason) > LONGEST_REASON:
        raise BadInput(
            f"a change of memory needs a reason of at most {LONGEST_REASON} characters; say why, "
            "and nothing of a patient"
        )
    if added and draft.language not in LANGUAGES:
        raise BadInput(f"an added phrase needs its language: {', '.join(LANGUAGES)}")


def _refuse_old(action: PhraseAction, made: Sequence[PhraseEvent]) -> None:
    """Conflict if the phrase already is what it is to become."""
    off = _is_off(made)
    if action is PhraseAction.ADD and (off or any(each.action is action for each in made)):
        raise Conflict("this phrase was added or switched off before; look it up in the list")
    if action is not PhraseAction.ADD and off is not (action is PhraseAction.ON):
        raise Conflict("somebody changed this phrase meanwhile; look at it again")


def _is_off(made: Iterable[PhraseEvent]) -> bool:
    switched = [each.action for each in made if each.action is not PhraseAction.ADD]
    return bool(switched) and switched[-1] is PhraseAction.OFF


def _record(row: PhraseEventRow) -> PhraseEvent:
    return PhraseEvent(
        id=row.id,
        action=PhraseAction(row.action),
        key=tuple(row.words.split()),
        phrase=row.phrase,
        language=row.language,
        code=Code(CodeSystem(row.system), row.code),
        reason=row.reason,
        note_id=row.note_id,
        by=row.by,
        at=row.at,
        replaces=row.replaces,
    )
