"""Spans read like what a coder would mark: whole words, no small words at their ends."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.context import ContextReader
from core.context.words import split
from core.explanations import spans
from core.explanations.placing import share
from core.inference import Coder
from core.systems import SYSTEMS
from core.text import tokenize
from core.types import Code, CodeSystem, Evidence, Note
from tests.builders import clinical_text
from tests.models import tiny_checkpoint, tiny_subwords

TEXT = (
    "Paciente con FIEBRE 🙂 y dolor.\r\nHistory of hypertension & <b>diabetes</b>; hepatitis A, "
    "neumoni\u0301a and the patient's didn't-know chest pain."
)
NOTE = Note(id="n1", text=TEXT)


def scored(text: str, **scores: float) -> list[Evidence]:
    """The words the network reads; those named (in lower case) have these scores, others none."""
    return [Evidence(t.start, t.end, scores.get(t.word, 0.0)) for t in tokenize(text)]


def shown(text: str, shown_from: float = 0.3, **scores: float) -> list[str]:
    found = spans(split(text), scored(text, **scores), shown_from=shown_from)
    return [text[span.start : span.end] for span in found]


def test_neighbouring_strong_words_become_one_span_with_the_best_score() -> None:
    (span,) = spans(split("acute chest pain today"), scored("acute chest pain", chest=0.5, pain=1))
    assert span == Evidence(6, 16, 1.0)


def test_one_weaker_word_is_bridged_and_two_are_not() -> None:
    assert shown("severe left chest pain", severe=1, chest=0.6) == ["severe left chest"]
    assert shown("severe left upper pain", severe=1, pain=0.6) == ["severe", "pain"]


def test_small_words_between_two_strong_ones_do_not_count() -> None:
    assert shown("fractura de la cabeza", fractura=1, cabeza=0.9) == ["fractura de la cabeza"]
    assert shown("pain in the left leg", pain=1, leg=0.9) == ["pain in the left leg"]


def test_a_span_neither_begins_nor_ends_with_a_small_word_however_strong_it_is() -> None:
    strong = {"la": 1.0, "fractura": 0.9, "de": 1.0, "the": 1.0, "pain": 0.8, "of": 1.0}
    assert shown("la fractura de", **strong) == ["fractura"]
    assert shown("the pain of", **strong) == ["pain"]
    assert shown("de la the of", **strong) == []


def test_the_letter_of_a_type_belongs_to_its_word() -> None:
    assert shown("Crónica hepatitis A.", hepatitis=1, a=0.9) == ["hepatitis A"]
    assert shown("A hepatitis", hepatitis=1, a=0.9) == ["hepatitis"]
    assert shown("dolor a diario", dolor=1, a=0.9) == ["dolor"]


def test_a_word_that_denies_parts_two_spans() -> None:
    assert shown("fiebre sin tos", fiebre=1, tos=0.9) == ["fiebre", "tos"]
    assert shown("fever but no cough", fever=1, cough=0.9) == ["fever", "cough"]


@pytest.mark.parametrize("between", [", ", ". ", "; ", ": ", "\n\n", "\n- ", " (", " - ", "? "])
def test_a_span_runs_over_no_punctuation_and_no_end_of_a_paragraph(between: str) -> None:
    assert shown(f"fever{between}cough", fever=1, cough=0.9) == ["fever", "cough"]


def test_a_hyphen_a_slash_and_a_decimal_point_part_nothing() -> None:
    assert shown("post-operative pain", post=1, operative=1, pain=1) == ["post-operative pain"]
    assert shown("HTA/DM", hta=1, dm=0.9) == ["HTA/DM"]
    assert shown("fiebre 38.5 alta", fiebre=1, alta=0.9) == ["fiebre", "alta"]


def test_a_token_within_a_word_shows_the_whole_word() -> None:
    text = "the mother's pain"
    tokens = [Evidence(4, 10, 1.0), Evidence(11, 12, 0.0)]
    assert spans(split(text), tokens) == (Evidence(4, 12, 1.0),)


def test_words_that_speak_against_a_code_are_no_evidence() -> None:
    assert shown("fever and cough", fever=-1, cough=-0.5) == []
    assert shown("fever and cough", fever=-1, cough=0.5) == ["cough"]


def test_a_word_is_shown_from_the_share_of_the_best_word_that_is_asked_for() -> None:
    scores = {"fever": 0.8, "cough": 0.4, "rash": 0.2}
    text = "fever, cough, rash"
    assert shown(text, 0.6, **scores) == ["fever"]
    assert shown(text, 0.5, **scores) == ["fever", "cough"]
    assert shown(text, 0.25, **scores) == ["fever", "cough", "rash"]


def test_at_most_eight_spans_are_shown_the_strongest() -> None:
    text = ", ".join(f"pain{n}" for n in range(12))
    scores = {f"pain{n}": 1 - n / 100 for n in range(12)}
    assert shown(text, **scores) == [f"pain{n}" for n in range(8)]


def check(text: str, tokens: list[Evidence], found: tuple[Evidence, ...]) -> None:
    """What holds for the spans of any text."""
    reader, words = ContextReader(text), split(text)
    assert list(found) == sorted(found, key=lambda span: (-span.score, span.start))
    in_order = sorted(found, key=lambda span: span.start)
    assert all(a.end < b.start for a, b in pairwise(in_order))
    for span in found:
        assert 0 <= span.start < span.end <= len(text)
        assert span.start in words.starts
        assert span.end in words.ends
        assert 0 < span.score <= 1
        assert reader.sentence(span.start, span.start + 1) == reader.sentence(span.start, span.end)
        assert "\n\n" not in text[span.start : span.end]
    shares = [share(span, tokens) for span in found]
    assert all(0 < each <= 1 for each in shares)
    assert sum(shares) <= 1 + 1e-9


@settings(max_examples=60, deadline=None)
@given(text=clinical_text(), data=st.data())
def test_spans_of_any_text_and_scores_are_whole_words_in_one_sentence(
    text: str, data: st.DataObject
) -> None:
    places = tokenize(text)
    some = st.floats(-1, 1).map(lambda score: round(score, 3))
    scores = data.draw(st.lists(some, min_size=len(places), max_size=len(places)))
    tokens = [Evidence(t.start, t.end, s) for t, s in zip(places, scores, strict=True)]
    check(text, tokens, spans(split(text), tokens, shown_from=data.draw(st.floats(0.05, 1))))


@settings(max_examples=30, deadline=None)
@given(text=clinical_text(), seed=st.integers(0, 99))
def test_spans_of_subwords_are_whole_words_too(text: str, seed: int) -> None:
    from core.explanations import words

    encoded = tiny_subwords().encode(text)
    scores = [((seed + 7 * n) % 11 - 3) / 8 for n in range(len(encoded.ids))]
    tokens = words(encoded, scores)
    best = max((abs(token.score) for token in tokens), default=0.0) or 1.0
    tokens = [Evidence(t.start, t.end, t.score / best) for t in tokens]
    check(text, tokens, spans(split(text), tokens))


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_every_row_shows_whole_words_of_the_original_text(tmp_path: Path, row: str) -> None:
    tiny_checkpoint(tmp_path / "c", row, sharpness=5)
    coder = Coder.load(tmp_path / "c")
    for code in ("I10", "R50.9"):
        (found,) = coder.explain(NOTE, [Code(CodeSystem.ICD10CM, code)])
        check(TEXT, list(found.tokens), found.spans)
