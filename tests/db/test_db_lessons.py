"""Lessons: what stands on each note, in the words memory learns."""

from sqlalchemy import Engine

import db
from core.types import Annotation, Span
from db import decisions, lessons
from db.records import Action
from tests.db.desk import COUGH, FEVER, PRESSURE, TEXT, TOKEN, a_note, clock, decide


def test_a_lesson_holds_each_marked_span_and_what_was_rejected(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, PRESSURE, evidence=(Span(20, 32), Span(0, 5)))
        decide(session, note, COUGH, Action.ADD)
        decide(session, note, FEVER, Action.REJECT)
        lesson = lessons.of_note(session, note.id)
    assert (lesson.note.id, lesson.note.text) == ("letter", TEXT)
    assert lesson.note.annotations == (
        Annotation(code=PRESSURE, evidence=(Span(20, 32),)),
        Annotation(code=PRESSURE, evidence=(Span(0, 5),)),
        Annotation(code=COUGH),
    )
    assert lesson.rejected == {FEVER}


def test_a_lesson_follows_undo_and_redo(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        made = decide(session, note, PRESSURE)
        before = lessons.of_note(session, note.id)
        decisions.retract(session, made, coder="ana", token=TOKEN, seen=1, at=clock(2))
        after = lessons.of_note(session, note.id)
        decisions.redo(session, note.id, coder="ana", token="t2", seen=2, at=clock(3))  # noqa: S106
        again = lessons.of_note(session, note.id)
    assert (after.note.annotations, after.rejected) == ((), frozenset())
    assert again == before


def test_every_note_with_a_standing_decision_gives_one_lesson(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        first, _, third, taken_back = (
            a_note(session, name=name, text=f"Note {name}") for name in "abcd"
        )
        decide(session, third, FEVER, Action.REJECT)
        decide(session, first, PRESSURE)
        made = decide(session, taken_back, COUGH)
        decisions.retract(session, made, coder="ana", token=TOKEN, seen=1, at=clock(2))
        found = list(lessons.every(session))
        assert found == [lessons.of_note(session, note.id) for note in (first, third)]
    assert [lesson.note.id for lesson in found] == ["a", "c"]
