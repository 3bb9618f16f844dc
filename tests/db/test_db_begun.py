"""Which model a chart goes on with: that of the last list somebody decided on, until asked anew."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import db
from core.errors import Conflict
from db import lessons, screens
from db.begun import begun_with, refuse_another_model
from db.records import Action, Pass, Screen, StoredNote
from tests.db.desk import FEVER, PRESSURE, a_note, clock, decide, some_suggestions

OLD, NEW = "0ld", "new"


def shown(session: Session, note: StoredNote, of: str, *, at: int, coder: str = "ana") -> Screen:
    """A list of a model."""
    return screens.record(
        session,
        replace(some_suggestions(), checkpoint=of),
        note_id=note.id,
        coder=coder,
        checkpoint=of,
        thresholds={"icd": 0.5},
        app_version="0.1.0",
        at=clock(at),
    )


def test_a_chart_nobody_decided_on_is_bound_to_nothing(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        old, new = shown(session, note, OLD, at=1), shown(session, note, NEW, at=2)
        assert begun_with(session, note.id, coder="ana") is None
        for screen in (old, new):
            refuse_another_model(session, screen, coding_pass=Pass.FIRST)


def test_a_decision_binds_the_chart_for_everybody_and_for_its_pass(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        old = shown(session, note, OLD, at=1)
        new = shown(session, note, NEW, at=2, coder="bo")
        decide(session, note, FEVER, at=3, screen_id=old.id)
        for coder in ("ana", "bo", "eve"):
            assert begun_with(session, note.id, coder=coder) == old
        assert begun_with(session, note.id, coder="eve", coding_pass=Pass.SECOND) is None
        refuse_another_model(session, old, coding_pass=Pass.FIRST)
        refuse_another_model(session, new, coding_pass=Pass.SECOND)
        with pytest.raises(Conflict, match="goes on with the suggestions of another model"):
            refuse_another_model(session, new, coding_pass=Pass.FIRST)


def test_what_was_asked_for_since_unbinds_it_for_that_coder_until_they_decide(
    engine: Engine,
) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        old = shown(session, note, OLD, at=1)
        decide(session, note, FEVER, at=3, screen_id=old.id)
        fresh = shown(session, note, NEW, at=5)
        refuse_another_model(session, fresh, coding_pass=Pass.FIRST)
        assert begun_with(session, note.id, coder="ana") == fresh
        assert begun_with(session, note.id, coder="bo") == old
        decide(session, note, PRESSURE, Action.REJECT, at=7, screen_id=fresh.id)
        assert begun_with(session, note.id, coder="bo") == fresh
        with pytest.raises(Conflict, match="reload the page"):
            refuse_another_model(session, old, coding_pass=Pass.FIRST)


def test_a_code_added_without_a_list_binds_nothing(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        shown(session, note, OLD, at=1)
        decide(session, note, FEVER, Action.ADD, at=3)
        assert begun_with(session, note.id, coder="ana") is None


def test_what_was_decided_since_is_learned_by_its_own(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        first, second = a_note(session), a_note(session, name="second", text="Fever again.")
        decide(session, first, FEVER)
        last = lessons.last(session)
        assert list(lessons.since(session, last)) == []
        decide(session, second, FEVER)
        (newer,) = lessons.since(session, last)
        assert (newer.note.id, lessons.last(session)) == ("second", last + 1)
        assert lessons.names(session) == {"letter", "second"}
