"""Phrases mined from notes without evidence, and names that ICD-9 codes borrow from ICD-10."""

import numpy as np
import pytest

from core.codes import shared_tables
from core.memory.borrowed import borrowed_phrases, shortened
from core.memory.mining import MiningSettings, headings, mine, phrases_of, root
from core.types import CodeSystem, Note, Span
from tests.builders import a_code, a_note

TEXT = "Clinical history:\nCoughing 3 days.\n\nImpression:\nNo focal pneumonia. Clear."


def some_notes() -> list[Note]:
    texts = (
        *("Cough for days.", "Coughs. No fever.", "Cough and chills.", "Coughing."),
        *("Fever today.", "High fever.", "Fevers for days.", "No cough. Fever."),
    )
    return [a_note(text, id=str(number)) for number, text in enumerate(texts)]


GOLD = np.array([[1, 0]] * 4 + [[0, 1]] * 4, dtype=np.float32)


def test_a_phrase_is_known_with_its_section_and_context_and_where_it_stands():
    found = phrases_of(a_note(TEXT))

    start, phrase = TEXT.index("focal"), f"{root('focal')} {root('pneumonia')}"
    for where in ("", "impression", "negated", "impression, negated"):
        assert found[f"{where}: {phrase}"] == Span(start, start + len("focal pneumonia"))
    assert f"clinical history, plain: cough # {root('days')}" in found
    assert f"impression, plain: {phrase}" not in found


def test_no_phrase_runs_over_a_sentence_end_or_holds_a_heading():
    found = phrases_of(a_note(TEXT))

    assert not any(phrase.endswith(f"{root('pneumonia')} {root('clear')}") for phrase in found)
    assert not any("histor" in phrase.split(": ")[1] for phrase in found)
    assert headings(TEXT) == [(0, "clinical history"), (TEXT.index("Imp"), "impression")]


@pytest.mark.parametrize(
    "words", [("cough", "coughs", "coughing", "Coughed"), ("3", "1/2", "38.5"), ("mild", "mildly")]
)
def test_inflected_words_and_any_numbers_are_one(words):
    assert len({root(word) for word in words}) == 1


def test_what_phrases_say_is_learned_from_whole_notes():
    mined = mine([phrases_of(note) for note in some_notes()], GOLD)

    new = [a_note("Cough. No fever."), a_note("Fever, no cough."), a_note("Coughing for days.")]
    found = mined.probabilities([phrases_of(note) for note in new])

    assert found[0, 0] > 0.5 > found[0, 1]
    assert found[1, 1] > 0.5 > found[1, 0]
    assert found[2, 0] > 0.5


def test_most_phrases_are_left_without_a_weight_and_the_rest_say_why():
    phrases = [phrases_of(note) for note in some_notes()]
    mined = mine(phrases, GOLD)

    assert (mined.weights_PC != 0).mean() < 0.5
    (phrase, weight, span), *_ = mined.why(phrases[0], 0)
    assert "cough" in phrase
    assert weight > 0
    assert span == Span(0, len("Cough"))


def test_the_same_notes_give_the_same_weights():
    phrases = [phrases_of(note) for note in some_notes()]

    assert np.array_equal(mine(phrases, GOLD).weights_PC, mine(phrases, GOLD).weights_PC)


def test_shares_are_counts_worked_by_hand():
    phrases = [{"cough": Span(0, 1)}] * 3 + [{"fever": Span(0, 1)}]
    gold = np.array([[1], [1], [0], [0]], dtype=np.float32)

    mined = mine(phrases, gold, settings=MiningSettings(steps=1))

    # 2 of 3 notes with "cough" carry the code, whose share is 1/2: (2 + 1/2) / (3 + 1)
    assert mined.shares([{"cough": Span(0, 1)}, {}])[:, 0].tolist() == [[0.625] * 3, [0.0] * 3]
    assert list(mined.places) == ["cough"]  # "fever" stands in one note only


def test_a_code_that_no_note_carries_is_never_likely():
    gold = np.hstack([GOLD, np.zeros((8, 1), np.float32)])
    phrases = [phrases_of(note) for note in some_notes()]

    assert not mine(phrases, gold).probabilities(phrases)[:, 2].any()


def test_a_note_of_unknown_words_has_the_share_of_the_code():
    mined = mine([phrases_of(note) for note in some_notes()], GOLD)

    found = mined.probabilities([phrases_of(a_note("Zebra."))])

    assert found == pytest.approx(1 / (1 + np.exp(-mined.bias_C))[None], abs=1e-6)


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Cystic fibrosis without mention of meconium ileus", "Cystic fibrosis"),
        ("Sore throat (acute) NOS", "Sore throat NOS"),
        ("Fever of unknown origin [FUO]", "Fever of unknown origin"),
        ("Hematuria, unspecified … (3 more specific codes)", "Hematuria, unspecified"),
        ("Without anything", "Without anything"),
    ],
)
def test_a_title_is_shortened_to_what_names_the_thing(title, short):
    assert shortened(title) == short


def test_an_icd_9_code_borrows_terms_of_icd_10():
    codes = [a_code(code, CodeSystem.ICD9CM) for code in ("795.5", "462", "788.30")]

    found = borrowed_phrases(shared_tables(), codes)

    texts = {(phrase.code.code, phrase.text) for phrase in found}
    assert {("795.5", "PPD positive"), ("462", "Sore throat NOS")} <= texts
    assert ("788.30", "Enuresis NOS") in texts
