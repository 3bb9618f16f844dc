"""A note without some words: gone for every reader, while the rest stays where it stood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.context import blanked
from core.context.words import split
from core.errors import BadInput
from core.memory.words import read_words
from core.text import tokenize
from core.types import Span
from tests.builders import clinical_text


def test_blanked_words_become_spaces_and_all_else_stays() -> None:
    assert blanked("Fever, cough. Pain", [Span(0, 5), Span(7, 12)]) == "     ,      . Pain"


def test_a_word_that_is_touched_goes_as_a_whole() -> None:
    assert blanked("hipertensión arterial", [Span(3, 5)]) == " " * 12 + " arterial"
    assert blanked("neumoni\u0301a leve", [Span(0, 1)]) == " " * 9 + " leve"


def test_punctuation_and_line_ends_within_a_span_stay() -> None:
    assert blanked("Fever.\r\nCough 🙂!", [Span(0, 16)]) == "     .\r\n      🙂!"


def test_nothing_chosen_is_nothing_changed() -> None:
    assert blanked("Fever.", []) == "Fever."


@pytest.mark.parametrize("span", [Span(-1, 2), Span(2, 2), Span(3, 2), Span(0, 7)])
def test_a_span_outside_the_note_is_refused_without_telling_its_text(span: Span) -> None:
    with pytest.raises(BadInput, match="does not lie in the note") as refused:
        blanked("Fever.", [span])
    assert "Fever" not in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(text=clinical_text(), data=st.data())
def test_of_any_text_just_the_touched_words_are_gone_for_every_reader(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    words, left = split(text), blanked(text, [span])
    touched = set(words.touched(span.start, span.end))
    kept = {(words.starts[p], words.ends[p]) for p in range(len(words)) if p not in touched}
    assert len(left) == len(text)
    assert kept == set(zip(split(left).starts, split(left).ends, strict=True))
    assert not any(t.start < span.end and span.start < t.end for t in tokenize(left))
    assert not any(w.span.start < span.end and span.start < w.span.end for w in read_words(left))
