"""How far evidence can be trusted: said in the background, kept before it is shown."""

from dataclasses import replace

import pytest

import db
from core.inference import Coder, Confidence
from core.types import Code, CodeSystem
from db import said
from tests.ui.conftest import Clock, Desk
from ui.services.trusting import ANEW, Trusting, sentences

I10 = Code(CodeSystem.ICD10CM, "I10")
PATIENCE = 20.0
DEFAULT = "attention_x_gradient"


@pytest.fixture
def trusting(at_desk: Desk, model: Coder, clock: Clock) -> Trusting:
    return Trusting(engine=at_desk.coding.engine, coder=model, now=clock)


def test_nobody_waits_and_what_is_said_is_kept_with_the_screen(
    at_desk: Desk, trusting: Trusting
) -> None:
    opened = at_desk.opened
    assert trusting.say(opened, I10, DEFAULT) is opened, "it is being checked"
    told = trusting.say(opened, I10, DEFAULT, patience=PATIENCE)
    saying = told.said[I10, DEFAULT]
    assert saying.sentences.startswith("Removing these words ")
    assert "ttention and gradients" in saying.sentences
    assert saying.explanation_id == opened.explanations[I10, DEFAULT].id
    assert opened.screen is not None
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        assert said.on_screen(session, opened.screen) == {saying.explanation_id: saying}


def test_a_chart_opened_again_says_it_at_once_and_checks_nothing(
    at_desk: Desk, trusting: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = trusting.say(at_desk.opened, I10, DEFAULT, patience=PATIENCE)
    again = at_desk.coding.open(told.note.id, coder="ana")
    assert again.said == told.said
    monkeypatch.setattr("ui.services.trusting.confidence", None)
    assert trusting.say(again, I10, DEFAULT, patience=PATIENCE) is again


def test_of_evidence_that_is_not_shown_nothing_is_said(at_desk: Desk, trusting: Trusting) -> None:
    bare = replace(at_desk.opened, explanations={})
    assert trusting.say(bare, I10, DEFAULT, patience=PATIENCE) is bare


def test_the_note_is_read_without_exactly_the_shown_words(
    at_desk: Desk, trusting: Trusting, model: Coder
) -> None:
    told = trusting.say(at_desk.opened, I10, DEFAULT, patience=PATIENCE)
    spans = told.explanations[I10, DEFAULT].spans
    change = model.without(told.note.as_note(), spans).of(I10)  # type: ignore[arg-type]
    saying = told.said[I10, DEFAULT]
    assert change is not None
    assert (saying.before, saying.after) == (change.before, change.after)


def test_scores_of_another_memory_than_the_lists_are_called_so(
    at_desk: Desk, trusting: Trusting
) -> None:
    screen = at_desk.opened.screen
    assert screen is not None
    past = [
        replace(each, suggestion=replace(each.suggestion, probability=0.01))
        for each in screen.suggestions
    ]
    opened = replace(at_desk.opened, screen=replace(screen, suggestions=tuple(past)))
    told = trusting.say(opened, I10, DEFAULT, patience=PATIENCE)
    assert told.said[I10, DEFAULT].sentences.endswith(ANEW)


def test_the_sentences_are_those_of_the_figures() -> None:
    found = Confidence(code=I10, method=DEFAULT, before=0.91, after=0.12, words=5, agreed=4)
    assert sentences(found) == (
        "Removing these words drops the score from 0.91 to 0.12. "
        "Attention and gradients both point at 4 of these 5 words."
    )
    assert sentences(replace(found, agreed=None)) == (
        "Removing these words drops the score from 0.91 to 0.12."
    )
