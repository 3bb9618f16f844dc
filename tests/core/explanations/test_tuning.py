"""The threshold from which words are shown is the one that agrees best with coders' marks."""

import pytest

from core.errors import BadSettings
from core.explanations import SHOWN_FROM, Marked, tune
from core.text import tokenize
from core.types import Evidence, Span

TEXT = "fever, cough, rash, itch"


def marked(*words: str, **scores: float) -> Marked:
    tokens = [Evidence(t.start, t.end, scores.get(t.word, 0.0)) for t in tokenize(TEXT)]
    marks = [Span(TEXT.index(word), TEXT.index(word) + len(word)) for word in words]
    return Marked(text=TEXT, tokens=tokens, marks=marks)


def test_the_threshold_that_shows_just_what_was_marked_wins() -> None:
    found = tune([marked("fever", "cough", fever=1, cough=0.6, rash=0.4)])
    assert 0.4 < found.shown_from <= 0.6
    assert (found.precision, found.recall, found.f1) == (1, 1, 1)


def test_figures_are_those_of_all_tokens_together() -> None:
    """At 0.5: 2 of 3 shown tokens are marked, and 2 of 4 marked tokens are shown."""
    examples = [
        marked("fever", "rash", "itch", fever=1, cough=0.5),
        marked("cough", cough=1, rash=0.1),
    ]
    found = tune(examples, tried=[0.5])
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 4)
    assert found.f1 == pytest.approx(2 * 2 / (3 + 4))


def test_of_equally_good_thresholds_the_nearest_to_the_default_is_taken() -> None:
    assert tune([marked("fever", fever=1)]).shown_from == pytest.approx(SHOWN_FROM)


def test_a_code_without_marks_counts_what_is_shown_as_wrong() -> None:
    found = tune([marked("fever", fever=1), marked(cough=1)])
    assert (found.precision, found.recall) == (0.5, 1)


def test_without_any_marks_there_is_nothing_to_tune_on() -> None:
    for examples in ([], [marked(fever=1)]):
        with pytest.raises(BadSettings, match="no token is marked"):
            tune(examples)
