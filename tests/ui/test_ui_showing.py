"""Evidence on opening a chart: no more than nobody has to wait for, and computed once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.explanations.methods import METHODS, Method
from core.inference import Coder
from tests.ui.conftest import Clock
from ui.services.coding import Coding
from ui.services.explaining import Explainer
from ui.services.remembering import Remembering
from ui.services.showing import FIRST

GRADIENT = "attention_x_gradient"


class Gradient(Coder):
    """Shows a method by default that takes a while for each code."""

    @property
    def methods(self) -> tuple[str, ...]:
        return (GRADIENT, "attention")


@pytest.fixture
def coder(model: Coder) -> Coder:
    return Gradient(model._checkpoint, _Titles(model))


class _Titles:
    def __init__(self, model: Coder) -> None:
        self.title, self.category = model._title, model._category


@pytest.fixture
def gradual(coding: Coding, coder: Coder, clock: Clock) -> Coding:
    remembering = Remembering(coder=coder, now=clock, engine=coding.engine)
    return replace(coding, coder=coder, remembering=remembering)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many codes the method was asked about, each time."""
    asked: list[int] = []
    real = METHODS[GRADIENT]

    def counting(question):
        asked.append(len(question.codes))
        return real.answer(question)

    method = Method(answer=counting, lacks=real.lacks)
    monkeypatch.setattr("core.explanations.methods.METHODS", {**METHODS, GRADIENT: method})
    return asked


def test_of_evidence_that_takes_a_while_a_chart_opens_with_the_first(
    gradual: Coding, a_note: Callable[..., int], answered: list[int]
) -> None:
    opened = gradual.open(a_note(), coder="ana")
    assert opened.screen is not None
    best = opened.screen.suggestions[0].suggestion.code
    assert (list(opened.explanations), answered) == ([(best, GRADIENT)], [FIRST])


def test_a_chart_opened_again_or_by_another_coder_computes_nothing(
    gradual: Coding, a_note: Callable[..., int], answered: list[int]
) -> None:
    note_id = a_note()
    first = gradual.open(note_id, coder="ana")
    answered.clear()
    again, other = gradual.open(note_id, coder="ana"), gradual.open(note_id, coder="bo")
    assert answered == []
    spans = [[each.spans for each in one.explanations.values()] for one in (first, again, other)]
    assert spans[0] == spans[1] == spans[2] != []


def test_the_rest_comes_when_it_is_asked_for_and_is_there_after_a_refresh(
    gradual: Coding, a_note: Callable[..., int], answered: list[int]
) -> None:
    opened = gradual.open(a_note(), coder="ana")
    assert opened.screen is not None
    assert gradual.remembering is not None
    explainer = Explainer(gradual.remembering.coder, gradual.remembering)
    later = opened.screen.suggestions[1].suggestion.code
    found = explainer.ask(opened.note.as_note(), later, GRADIENT, patience=20)
    assert found is not None
    gradual.keep_explanation(opened, found)
    assert (later, GRADIENT) in gradual.open(opened.note.id, coder="ana").explanations
    assert answered == [FIRST, 1]
