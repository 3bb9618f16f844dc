"""Figures over codes: how often they occur, their loss, their F1, on cases worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.bins import by_bin
from core.analysis.frequency import bin_of, counts, frequency, written
from core.analysis.losses import normalised_bce
from core.analysis.subject import Material, category_of
from core.codes import shared_tables
from core.types import Code, CodeSystem
from tests.builders import a_code, a_note

I10, R509, R529 = a_code("I10"), a_code("R50.9"), a_code("R52")
NOTES = (a_note("a", I10, R509), a_note("b", I10, R529), a_note("c", I10))


def test_each_note_counts_once_for_a_code_and_for_a_category() -> None:
    fever = a_code("R50.81")  # the category of R50.9 too
    notes = (*NOTES, a_note("d", R509, fever))
    category = category_of(shared_tables())
    assert category(fever) == category(R509) == Code(CodeSystem.CCSR, "SYM002")
    assert counts(notes, "icd", category) == {I10: 3, R509: 2, R529: 1, fever: 1}
    assert counts(notes, "ccs", category)[Code(CodeSystem.CCSR, "SYM002")] == 2


def test_codes_are_ranked_by_their_notes() -> None:
    (found,) = frequency(Material(tables=shared_tables(), counted=NOTES, counted_in="train"))
    icd = found.table[found.table["task"] == "icd"]
    assert icd[["rank", "code", "notes"]].to_numpy().tolist() == [
        [1, "I10", 3],
        [2, "R50.9", 1],
        [3, "R52", 1],
    ]
    assert icd["title"].iloc[0] == "Essential (primary) hypertension"
    assert "ICD codes: 3 different, 3 of them (100%) in fewer than 10 notes" in found.notes[1]


@pytest.mark.parametrize(
    ("count", "ends", "text"),
    [
        (0, (0, 0), "0"),
        (1, (1, 1), "1"),
        (2, (2, 4), "2–4"),
        (4, (2, 4), "2–4"),
        (5, (5, 9), "5–9"),
        (10, (10, 19), "10–19"),
        (49, (20, 49), "20–49"),
        (999, (500, 999), "500–999"),
        (1000, (1000, 1999), "1000–1999"),
    ],
)
def test_bins_grow_with_frequency(count: int, ends: tuple[int, int], text: str) -> None:
    assert bin_of(count) == ends
    assert written(ends) == text


@given(st.integers(0, 100_000))
def test_every_count_is_in_its_bin_and_bins_leave_no_gap(count: int) -> None:
    start, end = bin_of(count)
    assert start <= count <= end
    assert bin_of(start) == bin_of(end) == (start, end)
    assert bin_of(end + 1)[0] == end + 1


def test_normalised_bce_by_hand() -> None:
    scores_NL = np.array([[0.5, 0.25, 0.75], [0.5, 0.25, 0.75]], dtype=np.float32)
    targets_NL = np.array([[1, 1, 0], [0, 1, 0]], dtype=np.float32)
    found = normalised_bce(scores_NL, targets_NL)
    # two notes; code 0: (ln 2 + ln 2) / (1 x 2); code 1: (ln 4 + ln 4) / (2 x 2); code 2: in none
    assert found[:2] == pytest.approx([math.log(2), math.log(2)])
    assert math.isnan(found[2])


def test_a_score_of_nothing_or_all_keeps_the_loss_finite() -> None:
    scores_NL = np.array([[0.0], [1.0]], dtype=np.float32)
    targets_NL = np.array([[1.0], [0.0]], dtype=np.float32)
    assert normalised_bce(scores_NL, targets_NL) == pytest.approx([-math.log(1e-7)])


def test_f1_of_bins_by_hand() -> None:
    a, b, c, d = (a_code(code) for code in ("A00", "B00", "C00", "D00"))
    decided = [frozenset({a, b}), frozenset({a, c})]
    wanted = [frozenset({a}), frozenset({a, b, d})]
    found = by_bin(decided, wanted, {a: 7, b: 1, c: 1})
    assert found == [
        ("0", 1, 1, 0, 0, 0.0, 0.0),  # d, which nobody counted and nobody found
        ("1", 2, 1, 2, 0, 0.0, 0.0),  # b: given where it is not, missed where it is; c: given
        ("5–9", 1, 2, 2, 2, 1.0, 1.0),  # a, twice right
    ]


def test_micro_f1_pools_decisions_and_mean_f1_weighs_codes_alike() -> None:
    a, b = a_code("A00"), a_code("B00")
    decided = [frozenset({a}), frozenset({a}), frozenset({a})]
    wanted = [frozenset({a}), frozenset({a}), frozenset({a, b})]
    ((_, codes, gold, given_, hits, micro, mean),) = by_bin(decided, wanted, {a: 1, b: 1})
    assert (codes, gold, given_, hits) == (2, 4, 3, 3)
    assert micro == pytest.approx(6 / 7)
    assert mean == pytest.approx(1 / 2)
