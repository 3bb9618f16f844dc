"""Chance is the same each time, and the title's words are found as they are written."""

from dataclasses import replace

import pytest
import torch

from core.errors import BadSettings
from core.explanations import Reading, explain
from core.text import Encoded
from tests.models import some_notes, tiny_model
from tests.readings import reading_of


def some_reading(seed: int = 2) -> Reading:
    return reading_of(tiny_model("evicode").eval(), some_notes(6, seed=seed)[0])


def test_chance_depends_on_the_note_and_the_code_alone() -> None:
    def scores(reading: Reading, code: int) -> torch.Tensor:
        torch.rand(1)  # what others draw makes no difference
        (found,) = explain(reading, task="icd", codes=[code], method="random")
        return found.scores_T

    assert torch.equal(scores(some_reading(), 1), scores(some_reading(), 1))
    assert not torch.equal(scores(some_reading(), 1), scores(some_reading(), 2))
    assert not torch.equal(scores(some_reading(), 1), scores(some_reading(seed=3), 1))


def test_words_of_the_title_score_one() -> None:
    found = explain(some_reading(), task="icd", codes=[0, 1, 3], method="title_words")
    assert [scored.scores_T.tolist() for scored in found] == [
        [1, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],  # "Word3 and others"
        [0, 0, 0, 0, 0, 0],  # a code without a title
    ]


def test_a_word_in_pieces_is_compared_as_a_whole() -> None:
    encoded = Encoded(ids=(5, 6, 7), spans=((0, 2), (2, 5), (6, 8)), truncated_at=None)
    reading = replace(
        some_reading(),
        text="WORD2 wo",
        encoded=replace(encoded, words=(0, 0, 1)),
    )
    (found,) = explain(reading, task="icd", codes=[2], method="title_words")
    assert found.scores_T.tolist() == [1, 1, 0]


def test_without_titles_there_are_no_title_words() -> None:
    with pytest.raises(BadSettings, match="titles"):
        explain(replace(some_reading(), titles=None), task="icd", codes=[0], method="title_words")
