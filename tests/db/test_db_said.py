"""What was said of evidence is kept once, and found again with the screen it was said on."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, inspect, text

import db
from core.errors import BadInput
from db import said, screens
from db.records import Screen, ShownExplanation
from db.schema import downgrade
from tests.db.desk import a_note, a_screen, clock, some_evidence, some_words


@pytest.fixture
def shown(engine: Engine) -> tuple[Screen, ShownExplanation]:
    with db.unit_of_work(engine) as session:
        screen = a_screen(session, a_note(session))
        kept = screens.record_explanation(
            session, some_evidence(), suggestion_id=screen.suggestions[0].id, at=clock()
        )
    return screen, kept


def test_what_was_said_comes_back_with_its_screen(
    engine: Engine, shown: tuple[Screen, ShownExplanation]
) -> None:
    screen, evidence = shown
    saying = some_words(evidence.id)
    with db.unit_of_work(engine) as session:
        assert said.record(session, saying) == saying
    with db.unit_of_work(engine, write=False) as session:
        assert said.on_screen(session, screen) == {evidence.id: saying}
        assert said.on_screen(session, replace(screen, id=screen.id + 1)) == {}


def test_saying_it_again_keeps_nothing_and_another_answer_is_a_row_of_its_own(
    engine: Engine, shown: tuple[Screen, ShownExplanation]
) -> None:
    screen, evidence = shown
    first, later = some_words(evidence.id), some_words(evidence.id, at=9)
    unranked = some_words(evidence.id, after=None, at=10)
    with db.unit_of_work(engine) as session:
        said.record(session, first)
        assert said.record(session, later) == first, "the first time it was said counts"
        said.record(session, unranked)
        assert session.execute(text("SELECT count(*) FROM evidence_said")).scalar() == 2
        assert said.on_screen(session, screen) == {evidence.id: unranked}


def test_of_evidence_that_nobody_was_shown_nothing_can_be_said(engine: Engine) -> None:
    with (
        pytest.raises(BadInput, match="no evidence 7; open the note again"),
        db.unit_of_work(engine) as session,
    ):
        said.record(session, some_words(7))


def test_going_back_before_it_takes_only_what_was_said(
    engine: Engine, shown: tuple[Screen, ShownExplanation]
) -> None:
    with db.unit_of_work(engine) as session:
        said.record(session, some_words(shown[1].id))
    downgrade(engine, to="0003")
    with db.unit_of_work(engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM explanations")).scalar() == 1
    assert not inspect(engine).has_table("evidence_said")
    db.migrate(engine)
    with db.unit_of_work(engine, write=False) as session:
        assert session.execute(text("SELECT count(*) FROM evidence_said")).scalar() == 0
