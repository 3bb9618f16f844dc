"""Decisions made in one step are undone in one and made again in one, as often as one likes."""

import random
from uuid import uuid4

import pytest
from sqlalchemy import Engine

import db
from core.errors import Conflict
from core.types import Code
from db import decisions
from db.records import Action, Decision, StoredNote
from db.standing import part, redoable_step, standing, step_of, undoable_step
from tests.db.desk import COUGH, FEVER, PRESSURE, a_draft, a_note, clock

State = dict[Code, Action]


@pytest.fixture
def note(engine: Engine) -> StoredNote:
    with db.unit_of_work(engine) as session:
        return a_note(session)


def _rows(engine: Engine, note: StoredNote) -> tuple[Decision, ...]:
    with db.unit_of_work(engine, write=False) as session:
        return decisions.of_note(session, note.id)


def _state(engine: Engine, note: StoredNote) -> State:
    return {code: row.action for code, row in standing(_rows(engine, note)).items()}


def _step(engine: Engine, note: StoredNote, *made: tuple[Code, Action], coder: str = "ana") -> str:
    token, seen = str(uuid4()), len(_rows(engine, note))
    with db.unit_of_work(engine) as session:
        for place, (code, action) in enumerate(made):
            draft = a_draft(note, code, action, coder=coder, token=part(token, place))
            decisions.append(session, draft, seen=seen, at=clock(seen))
    return token


def _back(engine: Engine, note: StoredNote, act=decisions.undo, *, coder: str = "ana") -> None:
    """Undo, or redo, twice with the same token: the repeat is harmless."""
    token, seen = str(uuid4()), len(_rows(engine, note))
    for _ in range(2):
        with db.unit_of_work(engine) as session:
            act(session, note.id, coder=coder, token=token, seen=seen, at=clock(seen))


CHANGE = ((FEVER, Action.REJECT), (COUGH, Action.ADD))


def test_one_undo_takes_back_all_of_a_step_and_one_redo_makes_it_again(
    engine: Engine, note: StoredNote
) -> None:
    _step(engine, note, (FEVER, Action.ACCEPT))
    _step(engine, note, *CHANGE)
    for _ in range(3):
        _back(engine, note)
        assert _state(engine, note) == {FEVER: Action.ACCEPT}
        _back(engine, note, decisions.redo)
        assert _state(engine, note) == dict(CHANGE)
    _back(engine, note)
    _back(engine, note)
    assert _state(engine, note) == {}


def test_what_another_decided_since_on_a_part_of_a_step_stays(
    engine: Engine, note: StoredNote
) -> None:
    _step(engine, note, *CHANGE)
    _step(engine, note, (FEVER, Action.ACCEPT), coder="bob")
    _back(engine, note)
    assert _state(engine, note) == {FEVER: Action.ACCEPT}
    _back(engine, note, decisions.redo)
    assert _state(engine, note) == {FEVER: Action.ACCEPT, COUGH: Action.ADD}


def test_a_conflict_on_a_part_of_a_step_leaves_all_of_it_unwritten(
    engine: Engine, note: StoredNote
) -> None:
    _step(engine, note, *CHANGE)
    stale = len(_rows(engine, note))
    _back(engine, note)
    _step(engine, note, (COUGH, Action.REJECT), coder="bob")
    before = _rows(engine, note)
    with pytest.raises(Conflict, match="rejected by bob"), db.unit_of_work(engine) as session:
        decisions.redo(session, note.id, coder="ana", token="r", seen=stale + 2, at=clock())  # noqa: S106
    assert _rows(engine, note) == before


def test_only_what_was_taken_back_together_is_made_again_together(
    engine: Engine, note: StoredNote
) -> None:
    _step(engine, note, (PRESSURE, Action.ACCEPT))
    _step(engine, note, *CHANGE)
    _back(engine, note)
    _back(engine, note)
    rows = _rows(engine, note)
    assert undoable_step(rows, coder="ana") == ()
    assert [row.code for row in redoable_step(rows, coder="ana")] == [PRESSURE]
    _back(engine, note, decisions.redo)
    again = redoable_step(_rows(engine, note), coder="ana")
    assert [(row.code, row.action) for row in again] == list(CHANGE)
    assert len({step_of(row.token) for row in again}) == 1


@pytest.mark.parametrize("seed", range(3))
def test_undo_and_redo_walk_through_every_state_there_was(
    engine: Engine, note: StoredNote, seed: int
) -> None:
    chance = random.Random(seed)
    states: list[State] = [{}]
    at = 0
    for _ in range(40):
        act = chance.choice(["step", "step", "undo", "undo", "redo"])
        if act == "step":
            codes = chance.sample([FEVER, COUGH, PRESSURE], k=chance.choice([1, 2]))
            actions = [chance.choice([Action.ACCEPT, Action.REJECT, Action.ADD]) for _ in codes]
            _step(engine, note, *zip(codes, actions, strict=True))
            states = [*states[: at + 1], states[at] | dict(zip(codes, actions, strict=True))]
            at += 1
        elif act == "undo":
            _back(engine, note)
            at = max(0, at - 1)
        else:
            _back(engine, note, decisions.redo)
            at = min(len(states) - 1, at + 1)
        assert _state(engine, note) == states[at]
