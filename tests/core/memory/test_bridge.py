"""The bridge between languages is learned from notes and their translations alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import Bridge, learn_bridge, stem
from core.memory.translation import sentence_pairs

DICTIONARY = dict(
    pair.split("/")
    for pair in (
        "fiebre/fever tos/cough dolor/pain cabeza/head hueso/bone herida/wound sangre/blood "
        "piel/skin higado/liver ojo/eye pecho/chest rodilla/knee mano/hand espalda/back muslo/thigh"
    ).split()
)


def parallel_texts(count: int) -> list[tuple[str, str]]:
    """Notes of two sentences in made-up order, each with its translation word by word."""
    draw = random.Random(4)
    texts = []
    for _ in range(count // 2):
        sentences = [draw.sample(sorted(DICTIONARY), 4) for _ in range(2)]
        spanish = " ".join(f"{' '.join(words)}." for words in sentences)
        english = " ".join(f"{' '.join(DICTIONARY[w] for w in words)}." for words in sentences)
        texts.append((spanish, english))
    return texts


@pytest.fixture(scope="module")
def bridge() -> Bridge:
    return learn_bridge(parallel_texts(200))


@pytest.mark.parametrize(("spanish", "english"), DICTIONARY.items())
def test_200_sentences_teach_the_dictionary_that_made_them_both_ways(
    bridge: Bridge, spanish: str, english: str
) -> None:
    there, back = bridge.lexicons["es"][stem(spanish)], bridge.lexicons["en"][stem(english)]
    assert max(there, key=lambda word: there[word]) == stem(english)
    assert max(back, key=lambda word: back[word]) == stem(spanish)
    assert there[stem(english)] > 0.6


def test_translation_probabilities_are_probabilities(bridge: Bridge) -> None:
    for lexicon in bridge.lexicons.values():
        for meanings in lexicon.values():
            assert all(0 < probability <= 1 for probability in meanings.values())
            assert sum(meanings.values()) <= 1.001


def test_a_word_means_itself_and_its_translations_never_more_than_surely() -> None:
    bridge = Bridge(lexicons={"es": {"fiebr": {"fever": 0.9, "temperatur": 0.1}}})
    assert bridge.meanings("fiebr", "es") == {
        "fiebr": 1.0,
        "fever": 1.0,
        "temperatur": pytest.approx(0.16),
    }
    assert bridge.meanings("fiebr", "en") == {"fiebr": 1.0}
    assert bridge.meanings("unknown", "es") == {"unknown": 1.0}


def test_sentences_are_paired_in_order() -> None:
    spanish = "Insuficiencia renal. Diabetes y neuropatía. Anemia severa."
    english = "Renal insufficiency. Diabetes and neuropathy. Severe anemia."
    pairs = sentence_pairs(spanish, english)
    assert [(left[0], right[-1]) for left, right in pairs] == [
        (stem("insuficiencia"), stem("insufficiency")),
        (stem("diabetes"), stem("neuropathy")),
        (stem("anemia"), stem("anemia")),
    ]


@given(st.lists(st.sampled_from(sorted(DICTIONARY)), min_size=1, max_size=30))
def test_pairing_loses_no_word_and_keeps_the_order(words: list[str]) -> None:
    spanish = ". ".join(words)
    english = ". ".join(DICTIONARY[word] for word in words)
    pairs = sentence_pairs(spanish, english)
    assert [word for left, _ in pairs for word in left] == [stem(word) for word in words]
    assert [word for _, right in pairs for word in right] == [stem(DICTIONARY[w]) for w in words]


def test_a_sentence_that_became_two_is_paired_with_both() -> None:
    spanish = "Insuficiencia renal crónica con anemia y también hipertensión arterial. Tos."
    english = "Chronic renal insufficiency with anemia. Also arterial hypertension. Cough."
    first, last = sentence_pairs(spanish, english)
    assert stem("hypertension") in first[1]
    assert last == ([stem("tos")], [stem("cough")])


@pytest.mark.parametrize("texts", [("", ""), ("fiebre", ""), ("", "fever"), (" \n ", "...")])
def test_a_text_without_a_translation_gives_no_pairs(texts: tuple[str, str]) -> None:
    assert sentence_pairs(*texts) == []


def test_nothing_to_learn_from_gives_a_bridge_that_leads_nowhere() -> None:
    for texts in ([], [("fiebre", "fever")], [("", "")]):
        bridge = learn_bridge(texts)
        assert bridge.meanings("fiebr", "es") == {"fiebr": 1.0}


def test_the_same_texts_give_the_same_bridge() -> None:
    texts = parallel_texts(40)
    assert learn_bridge(texts) == learn_bridge(texts)
