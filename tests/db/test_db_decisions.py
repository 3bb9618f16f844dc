"""Decisions: numbered, repeated safely, never made over somebody's head, undone and made again."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import db
from core.errors import BadInput, Conflict, EvicodeError
from core.types import Span
from db import decisions
from db.records import Action, Decision, Draft, Screen, StoredNote
from db.standing import redoable, standing, undoable
from db.tables import DecisionRow
from tests.db.conftest import on_postgresql
from tests.db.desk import (
    COUGH,
    FEVER,
    PRESSURE,
    TEXT,
    TOKEN,
    a_draft,
    a_note,
    a_screen,
    clock,
    decide,
)


@pytest.fixture
def note(engine: Engine) -> StoredNote:
    with db.unit_of_work(engine) as session:
        return a_note(session)


@pytest.fixture
def screen(engine: Engine, note: StoredNote) -> Screen:
    with db.unit_of_work(engine) as session:
        return a_screen(session, note)


def _written(engine: Engine, note: StoredNote) -> tuple[Decision, ...]:
    with db.unit_of_work(engine, write=False) as session:
        return decisions.of_note(session, note.id)


def _refused(engine: Engine, kind: type[EvicodeError], match: str, **arguments) -> None:
    """Appending raises, and writes nothing."""
    draft = arguments.pop("draft")
    with db.unit_of_work(engine, write=False) as session:
        before = list(session.scalars(select(DecisionRow.id)))
    with pytest.raises(kind, match=match), db.unit_of_work(engine) as session:
        decisions.append(session, draft, **({"seen": 0, "at": clock(9)} | arguments))
    with db.unit_of_work(engine, write=False) as session:
        assert list(session.scalars(select(DecisionRow.id))) == before


def test_a_decision_is_found_again_after_a_restart(
    engine: Engine, note: StoredNote, screen: Screen
) -> None:
    marked = (Span(20, 32), Span(0, 5))
    shown = screen.suggestions[0]
    with db.unit_of_work(engine) as session:
        made = decide(
            session,
            note,
            PRESSURE,
            evidence=marked,
            screen_id=screen.id,
            suggestion_id=shown.id,
            title="Hypertension",
        )
    engine.dispose()
    (found,) = _written(engine, note)
    assert found == made
    assert (found.sequence, found.code, found.action) == (1, PRESSURE, Action.ACCEPT)
    assert (found.coder, found.decided_at) == ("ana", clock(1))
    assert found.decided_at.microsecond == 123456
    assert found.evidence == marked
    assert (found.screen_id, found.suggestion_id) == (screen.id, shown.id)


def test_sequences_count_within_each_note(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        other = a_note(session, name="other", text="Another text")
        made = [decide(session, each, code) for code in (FEVER, COUGH) for each in (note, other)]
    assert [(each.note_id, each.sequence) for each in made] == [
        (note.id, 1),
        (other.id, 1),
        (note.id, 2),
        (other.id, 2),
    ]


def test_a_repeated_click_writes_once(engine: Engine, note: StoredNote) -> None:
    draft = a_draft(note, FEVER)
    made = []
    for minute in range(3):
        with db.unit_of_work(engine) as session:
            made.append(decisions.append(session, draft, seen=0, at=clock(minute)))
    assert made[0] == made[1] == made[2]
    assert _written(engine, note) == (made[0],)


def test_a_token_cannot_serve_two_intents(engine: Engine, note: StoredNote) -> None:
    draft = a_draft(note, FEVER)
    with db.unit_of_work(engine) as session:
        decisions.append(session, draft, seen=0, at=clock())
    _refused(engine, BadInput, "belongs to another decision", draft=replace(draft, code=COUGH))


def test_a_stale_decision_is_a_conflict_that_names_who_and_when(
    engine: Engine, note: StoredNote
) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER, Action.REJECT, coder="bob", at=2)
    _refused(
        engine,
        Conflict,
        r"ICD-10-CM R50\.9 was rejected by bob at 2026-01-02 03:02:00 UTC",
        draft=a_draft(note, FEVER),
    )
    with db.unit_of_work(engine) as session:  # having seen it, one may disagree
        assert decide(session, note, FEVER, seen=1).sequence == 2


def test_a_second_window_of_the_same_coder_is_stale_too(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER)
    rejection = a_draft(note, FEVER, Action.REJECT)
    _refused(engine, Conflict, "was accepted by ana", draft=rejection)


def test_decisions_on_other_codes_do_not_conflict(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER, coder="bob")
        decide(session, note, PRESSURE, coder="bob")
        assert decide(session, note, COUGH, seen=0).sequence == 3


def test_undoing_over_somebody_is_a_conflict(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        mine = decide(session, note, FEVER)
        decide(session, note, FEVER, Action.REJECT, coder="bob")
    with pytest.raises(Conflict, match="rejected by bob"), db.unit_of_work(engine) as session:
        decisions.retract(session, mine, coder="ana", token=TOKEN, seen=1, at=clock(3))
    assert len(_written(engine, note)) == 2


BAD_DRAFTS: dict[str, Callable[[Draft], Draft]] = {
    "needs a reason": lambda draft: replace(draft, action=Action.REJECT, reason=" "),
    "needs the name of its coder": lambda draft: replace(draft, coder=""),
    "lies outside the note": lambda draft: replace(draft, evidence=(Span(0, len(TEXT) + 1),)),
    "evidence 3-3": lambda draft: replace(draft, evidence=(Span(3, 3),)),
    "evidence -1-3": lambda draft: replace(draft, evidence=(Span(-1, 3),)),
    "no note 99": lambda draft: replace(draft, note_id=99),
    "screen 99 is not of note 1": lambda draft: replace(draft, screen_id=99),
    "suggestion 99 on screen 1": lambda draft: replace(draft, screen_id=1, suggestion_id=99),
    "suggestion 1 on screen None": lambda draft: replace(draft, suggestion_id=1),
    "suggestion 1 on screen 1 is not of": lambda draft: replace(
        draft, screen_id=1, suggestion_id=1
    ),
    "decision None is none on": lambda draft: replace(draft, action=Action.RETRACT),
    "decision 99 is none on": lambda draft: replace(draft, replaces=99),
}


@pytest.mark.parametrize("reason", BAD_DRAFTS)
def test_a_draft_that_contradicts_the_record_is_refused(
    engine: Engine, note: StoredNote, screen: Screen, reason: str
) -> None:
    assert screen.suggestions[0].id == 1
    _refused(engine, BadInput, reason, draft=BAD_DRAFTS[reason](a_draft(note, FEVER)))


def test_only_what_stands_can_be_taken_back_and_only_what_was_can_be_made_again(
    engine: Engine, note: StoredNote
) -> None:
    with db.unit_of_work(engine) as session:
        first = decide(session, note, FEVER)
        decide(session, note, FEVER, Action.REJECT)
    overruled = a_draft(note, FEVER, Action.RETRACT, replaces=first.id)
    _refused(engine, BadInput, "can no longer be undone", draft=overruled, seen=2)
    never_taken_back = a_draft(note, FEVER, Action.ACCEPT, replaces=first.id)
    _refused(engine, BadInput, "can no longer be undone", draft=never_taken_back, seen=2)


def _undo(session: Session, note: StoredNote, coder: str = "ana") -> Decision | None:
    seen = len(decisions.of_note(session, note.id))
    token = f"undo {coder} {seen}"
    return decisions.undo(session, note.id, coder=coder, token=token, seen=seen, at=clock(seen))


def _redo(session: Session, note: StoredNote, coder: str = "ana") -> Decision | None:
    seen = len(decisions.of_note(session, note.id))
    token = f"redo {coder} {seen}"
    return decisions.redo(session, note.id, coder=coder, token=token, seen=seen, at=clock(seen))


def test_undo_brings_back_what_stood_before_and_redo_makes_it_again(
    engine: Engine, note: StoredNote
) -> None:
    def stands(session: Session) -> dict[object, Action]:
        rows = decisions.of_note(session, note.id)
        return {code: row.action for code, row in standing(rows).items()}

    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER, evidence=(Span(0, 5),))
        decide(session, note, FEVER, Action.REJECT, reason="history only")
        assert stands(session) == {FEVER: Action.REJECT}
        _undo(session, note)
        assert stands(session) == {FEVER: Action.ACCEPT}
        _undo(session, note)
        assert stands(session) == {}
        assert _undo(session, note) is None
        again = _redo(session, note)
        assert again is not None
        assert again.evidence == (Span(0, 5),)
        assert stands(session) == {FEVER: Action.ACCEPT}
        again = _redo(session, note)
        assert again is not None
        assert (again.action, again.reason) == (Action.REJECT, "history only")
        assert stands(session) == {FEVER: Action.REJECT}
        assert _redo(session, note) is None
        assert len(decisions.of_note(session, note.id)) == 6  # every step is on record


def test_something_new_ends_what_can_be_made_again(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER)
        _undo(session, note)
        decide(session, note, COUGH)
        assert _redo(session, note) is None


def test_each_coder_undoes_their_own(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER, coder="ana")
        decide(session, note, COUGH, coder="bob")
        rows = decisions.of_note(session, note.id)
        assert undoable(rows, coder="ana") == rows[0]
        assert undoable(rows, coder="bob") == rows[1]
        assert undoable(rows, coder="eve") is None
        _undo(session, note, "ana")
        rows = decisions.of_note(session, note.id)
        assert redoable(rows, coder="ana") == rows[0]
        assert redoable(rows, coder="bob") is None


def test_a_repeated_undo_or_redo_click_takes_one_step(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, note, FEVER)
        decide(session, note, COUGH)
        for _ in range(2):
            decisions.undo(session, note.id, coder="ana", token="u-" + TOKEN, seen=2, at=clock(2))
        assert len(decisions.of_note(session, note.id)) == 3
        for _ in range(2):
            decisions.redo(session, note.id, coder="ana", token="r-" + TOKEN, seen=3, at=clock(3))
        assert len(decisions.of_note(session, note.id)) == 4


@on_postgresql
def test_a_title_with_a_nul_character_is_refused_by_a_server_that_keeps_none(
    engine: Engine, note: StoredNote
) -> None:
    _refused(engine, BadInput, "NUL character", draft=a_draft(note, FEVER, title="a\0b"))
