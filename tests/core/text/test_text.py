"""Words keep their place in the note, for any text."""

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadNote, BadSettings
from core.text import PAD, UNK, Vocabulary, batches, fallback, pad, tokenize, word_vectors
from core.text.tokens import normalise

ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("aeñé\u0301\u0308🙂👩\u200d⚕️<&>\r\n\t 12-"),
    ),
    max_size=80,
)


@given(ANY_TEXT)
def test_every_word_is_its_span_of_the_text(text: str) -> None:
    for token in tokenize(text):
        assert normalise(text[token.start : token.end]) == token.word


@given(ANY_TEXT)
def test_words_stand_in_order_and_do_not_overlap(text: str) -> None:
    tokens = tokenize(text)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert all(token.start < token.end for token in tokens)


@given(ANY_TEXT)
def test_no_letter_is_left_out(text: str) -> None:
    covered = {i for token in tokenize(text) for i in range(token.start, token.end)}
    letters = {i for i, c in enumerate(text) if unicodedata.category(c).startswith("L")}
    assert letters <= covered


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fever 38.5, BP 120/80!", ["fever", "bp"]),
        ("T2 DM; HbA1c 7.1%", ["t2", "dm", "hba1c"]),
        ("NEUMONÍA\r\nneumoni\u0301a", ["neumonía", "neumonía"]),
        ("patient's 🙂left", ["patient", "s", "left"]),
        ("<b>x&y</b>", ["b", "x", "y", "b"]),
        ("1999 -- ...", []),
    ],
)
def test_the_papers_words(text: str, words: list[str]) -> None:
    assert [token.word for token in tokenize(text)] == words


def test_a_word_is_known_when_enough_notes_hold_it() -> None:
    texts = ["fever fever fever", "fever cough", "cough fever", "rash"]
    assert Vocabulary.build(texts, min_notes=2).words[2:] == ("cough", "fever")
    assert Vocabulary.build(texts, min_notes=3).words[2:] == ("fever",)


def test_truncation_is_reported_with_its_place() -> None:
    vocabulary = Vocabulary.build(["one two three"], min_notes=1)
    cut = vocabulary.encode("one two three", max_length=2)
    assert (len(cut.ids), cut.truncated_at) == (2, 8)
    whole = vocabulary.encode("one two three", max_length=3)
    assert (len(whole.ids), whole.truncated_at) == (3, None)


def test_unknown_words_read_as_unknown_without_a_fallback() -> None:
    vocabulary = Vocabulary.build(["fever"], min_notes=1)
    assert vocabulary.encode("fever Nirvana").ids == (2, UNK)


@pytest.mark.parametrize("text", ["", "   ", "12 34", "🙂"])
def test_a_note_without_words_is_refused(text: str) -> None:
    with pytest.raises(BadNote, match="no words"):
        Vocabulary.build(["fever"], min_notes=1).encode(text)


def test_a_vocabulary_with_a_word_twice_is_refused() -> None:
    with pytest.raises(BadSettings, match="names each word once"):
        Vocabulary(words=("<pad>", "<unk>", "a", "a"))


@pytest.mark.parametrize(
    ("strategy", "word", "read_as"),
    [
        ("folded", "neumonia", "neumonía"),
        ("folded", "neumonitis", None),
        ("nearest", "neumonia", "neumonía"),
        ("nearest", "appendicitiss", "appendicitis"),
        ("nearest", "xylophone", None),
        ("nearest", "bp", None),
    ],
)
def test_an_unknown_word_reads_as_the_strategy_says(
    strategy: str, word: str, read_as: str | None
) -> None:
    vocabulary = Vocabulary.build(["neumonía appendicitis bpm"], min_notes=1)
    look_up = fallback(strategy, vocabulary)
    assert look_up is not None
    assert look_up(word) == (None if read_as is None else vocabulary.ids[read_as])


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(BadSettings, match="'guess' is not a fallback"):
        fallback("guess", Vocabulary.build([]))


@given(st.lists(st.integers(1, 500), max_size=90), st.integers(1, 9), st.integers(0, 3))
def test_every_note_is_in_exactly_one_batch(lengths: list[int], size: int, epoch: int) -> None:
    grouped = batches(lengths, batch_size=size, seed=1, epoch=epoch)
    assert sorted(i for batch in grouped for i in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in grouped)


def test_no_batch_is_a_lone_leftover() -> None:
    grouped = batches(list(range(1, 18)), batch_size=8, seed=1)
    assert sorted(len(batch) for batch in grouped) == [5, 6, 6]


def test_batches_depend_on_seed_and_epoch_only() -> None:
    lengths = [n * 37 % 101 + 1 for n in range(64)]
    again = [batches(lengths, batch_size=4, seed=1, epoch=e) for e in (0, 0, 1)]
    assert again[0] == again[1] != again[2]
    assert again[0] != batches(lengths, batch_size=4, seed=2, epoch=0)


def test_batches_of_like_length_carry_hardly_any_padding() -> None:
    lengths = [n * 37 % 997 + 1 for n in range(400)]
    grouped = batches(lengths, batch_size=8, seed=1)
    cells = sum(len(batch) * max(lengths[i] for i in batch) for batch in grouped)
    assert cells < 1.1 * sum(lengths)  # 1.45 in the order they came


def test_padding_is_masked() -> None:
    tokens_BT, mask_BT = pad([[5, 6, 7], [8]])
    assert tokens_BT.tolist() == [[5, 6, 7], [8, PAD, PAD]]
    assert mask_BT.tolist() == [[True, True, True], [True, False, False]]


def test_word_vectors_are_reproducible_and_leave_padding_zero() -> None:
    texts = ["fever and cough", "fever and rash"] * 30
    vocabulary = Vocabulary.build([*texts, "never seen"], min_notes=1)
    first = word_vectors(texts, vocabulary, width=8, seed=3)
    second = word_vectors(texts, vocabulary, width=8, seed=3)
    assert np.array_equal(first, second)
    assert first.shape == (len(vocabulary), 8)
    assert not first[PAD].any()
    assert first[vocabulary.ids["fever"]].any()
    assert first[vocabulary.ids["seen"]].any()
