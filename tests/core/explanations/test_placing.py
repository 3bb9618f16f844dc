"""A span as one reads it: its share, its sentence, its heading, how the note speaks of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explanations import placed
from core.types import Context, Evidence, Span
from tests.builders import clinical_text

TEXT = (
    "Family history:\nDiabetes in her mother.\n\n"
    "Assessment:\n"
    "- Patient denies fever. Possible pneumonia, with acute cough!\n"
)


def at(words: str, score: float = 1.0) -> Evidence:
    start = TEXT.index(words)
    return Evidence(start, start + len(words), score)


def words(span: Span | None) -> str | None:
    return None if span is None else TEXT[span.start : span.end]


def test_a_span_tells_its_sentence_its_heading_and_how_it_is_spoken_of() -> None:
    shown = [at("pneumonia"), at("fever", 0.8), at("Diabetes", 0.5), at("cough", 0.4)]
    lungs, fever, sugar, cough = placed(TEXT, shown)
    assert words(lungs.sentence) == "Possible pneumonia, with acute cough!"
    assert words(lungs.heading) == "Assessment"
    assert lungs.contexts == (Context.HYPOTHETICAL,)
    assert words(fever.sentence) == "Patient denies fever."
    assert fever.contexts == (Context.NEGATED,)
    assert (words(sugar.heading), sugar.contexts) == ("Family history", (Context.FAMILY,))
    assert (cough.span, cough.contexts) == (shown[3], ())


def test_the_share_is_the_part_of_what_speaks_for_the_code() -> None:
    tokens = [at("fever", 1.0), at("acute", 0.2), at("cough", 0.3), at("Diabetes", -0.9)]
    first, second = placed(TEXT, [at("fever"), at("acute cough", 0.3)], tokens)
    assert first.share == pytest.approx(1 / 1.5)
    assert second.share == pytest.approx(0.5 / 1.5)


def test_where_nothing_speaks_for_a_code_no_span_has_a_share() -> None:
    (found,) = placed(TEXT, [at("fever")], [at("fever", -1.0)])
    assert found.share == 0


def test_evidence_without_token_scores_has_no_share() -> None:
    (found,) = placed(TEXT, [at("fever")])
    assert found.share is None


@settings(max_examples=50, deadline=None)
@given(text=clinical_text(), data=st.data())
def test_the_sentence_holds_the_span_and_lies_in_the_note(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    (found,) = placed(text, [Evidence(start, end, 1.0)])
    assert 0 <= found.sentence.start <= found.sentence.end <= len(text)
    if found.heading is not None:
        assert 0 <= found.heading.start < found.heading.end <= len(text)
        assert found.heading.start < end
