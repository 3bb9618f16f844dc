"""What a phrase is known by: stems without inflection, accents and small words, in their place."""

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import stem
from core.memory.words import phrase_words, read_words, title_words
from tests.builders import clinical_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fractura", "Fracturas"),
        ("neumonía", "NEUMONIA"),
        ("derecho", "derechas"),
        ("fractura", "fracture"),
        ("lesion", "lesiones"),
        ("edema", "e\u0301dema"),
    ],
)
def test_inflection_case_and_accents_make_no_other_word(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("sepsis", "sepa"), ("hepatitis", "hepatic")])
def test_endings_that_are_meaning_are_kept(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@given(st.text(max_size=12))
def test_a_stem_is_never_longer_than_its_word_and_has_no_accent(word: str) -> None:
    found = stem(word)
    assert len(found) <= len(unicodedata.normalize("NFD", word.lower()))
    assert not any(unicodedata.combining(letter) for letter in found)


def test_a_phrase_is_its_distinct_words_without_the_small_ones_in_any_order() -> None:
    assert phrase_words("dolor de la cabeza, dolor") == phrase_words("Cabezas: DOLORES")
    assert phrase_words("of the") == ()


def test_a_title_leaves_out_what_it_leaves_open() -> None:
    assert title_words("Pneumonia, unspecified organism") == ("organism", "pneumoni")
    assert title_words("Other specified") == ()


def test_words_come_in_order_with_their_sentences_and_numbers_stay_whole() -> None:
    words = read_words("Fever of 38.5 today. No cough\nPain")
    assert [(word.stem, word.sentence) for word in words] == [
        *(("fever", 0), ("38", 0), ("5", 0), ("today", 0)),
        *(("no", 1), ("cough", 1), ("pain", 2)),
    ]


@given(clinical_text())
def test_every_word_stands_where_it_says_and_they_do_not_overlap(text: str) -> None:
    words = read_words(text)
    assert words
    assert all(stem(text[w.span.start : w.span.end]) == w.stem for w in words)
    pairs = itertools.pairwise(words)
    assert all(a.span.end <= b.span.start and a.sentence <= b.sentence for a, b in pairs)
