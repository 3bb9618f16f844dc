"""Subwords stand on the original text and spell every word of it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadNote, BadSettings
from core.explanations import words
from core.text import Subwords, Tokenizer, Vocabulary, fallback
from core.types import Evidence
from tests.builders import clinical_text
from tests.models import tiny_subwords


@pytest.fixture(scope="module")
def subwords() -> Subwords:
    return tiny_subwords()


def pieces(subwords: Tokenizer, text: str) -> list[str]:
    return [subwords.words[number] for number in subwords.encode(text).ids]


def test_a_word_is_spelled_in_pieces_that_join_to_it(subwords: Subwords) -> None:
    text = "Acute hypertension 🙂 y dolor"
    encoded = subwords.encode(text)
    assert pieces(subwords, "hipertensión")[-1] == "##tension"
    joined = words(encoded, [1.0] * len(encoded.ids))
    found = [text[word.start : word.end] for word in joined]
    assert found == ["Acute", "hypertension", "🙂", "y", "dolor"]


def test_a_words_score_is_the_sum_of_its_pieces(subwords: Subwords) -> None:
    encoded = subwords.encode("no pain")
    assert encoded.words == (0, 0, 1)
    assert words(encoded, [0.25, 0.5, -1.0]) == [Evidence(0, 2, 0.75), Evidence(3, 7, -1.0)]


def test_words_of_a_vocabulary_are_left_as_they_are() -> None:
    encoded = Vocabulary.build(["chest pain"], min_notes=1).encode("chest pain")
    assert words(encoded, [0.5, 1.0]) == [Evidence(0, 5, 0.5), Evidence(6, 10, 1.0)]


@given(text=clinical_text())
@settings(max_examples=60, deadline=None)
def test_spans_run_in_order_over_the_original_text(text: str) -> None:
    encoded = tiny_subwords_once().encode(text)
    assert len(encoded.spans) == len(encoded.ids) == len(encoded.words)
    assert all(0 <= start < end <= len(text) for start, end in encoded.spans)
    assert list(encoded.words) == sorted(encoded.words)
    joined = words(encoded, [0.0] * len(encoded.ids))
    assert all(one.end <= next.start for one, next in pairwise(joined))
    assert "dolor" in "".join(text[start:end] for start, end in encoded.spans)


@given(text=st.text(st.characters(categories=["Cs", "L", "M", "Z"]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_lone_surrogates_and_marks_move_no_span(text: str) -> None:
    encoded = tiny_subwords_once().encode(f"{text} dolor")
    start, end = encoded.spans[-1]
    assert f"{text} dolor"[start:end] == "dolor"


def test_a_combining_mark_belongs_to_the_letter_before_it(subwords: Subwords) -> None:
    text = "cafe\u0301 dolor"
    assert words(subwords.encode(text), [0.0] * len(subwords.encode(text).ids))[0].end == 5


@pytest.mark.parametrize("looks", ["[PAD]", "[CLS]", "[SEP]", "[MASK]"])
def test_text_that_looks_like_a_special_token_is_text(subwords: Subwords, looks: str) -> None:
    assert looks not in pieces(subwords, f"dolor {looks} dolor")


def test_the_rest_of_a_long_note_is_not_read_and_no_word_in_part(subwords: Subwords) -> None:
    text = "pain her pain"
    assert len(subwords.encode(text).ids) == 5
    for most in (1, 2, 3):
        cut = subwords.encode(text, max_length=most)
        assert (len(cut.ids), cut.truncated_at) == (1, 5)
    assert subwords.encode(text, max_length=4).truncated_at == 9
    assert subwords.encode(text, max_length=5).truncated_at is None
    assert len(subwords.encode("her", max_length=2).ids) == 2


@pytest.mark.parametrize("text", ["", " \n", "12/12 -- 🙂", "\x00\x01"])
def test_a_note_without_words_is_refused(subwords: Subwords, text: str) -> None:
    with pytest.raises(BadNote, match="no words"):
        subwords.encode(text)


def test_the_same_json_is_the_same_tokenizer(subwords: Subwords) -> None:
    again = Subwords(json=subwords.json)
    assert again == subwords
    assert again.encode("neumonía") == subwords.encode("neumonía")


def test_a_tokenizer_with_another_padding_token_is_refused(subwords: Subwords) -> None:
    with pytest.raises(BadSettings, match=r"\[PAD\] is not token 0"):
        Subwords(json=subwords.json.replace("[PAD]", "[pad]"))


def test_no_word_is_unknown_so_nothing_falls_back(subwords: Subwords) -> None:
    assert fallback("nearest", subwords) is None


_once: list[Subwords] = []


def tiny_subwords_once() -> Subwords:
    """hypothesis takes no fixtures that live for one test."""
    _once[:] = _once or [tiny_subwords()]
    return _once[0]
