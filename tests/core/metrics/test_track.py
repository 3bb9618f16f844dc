"""The CodiEsp track's metrics against numbers worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.track import (
    Judged,
    Listed,
    Score,
    code_score,
    evidence_score,
    mean_average_precision,
)
from core.types import Code, CodeSystem

CM, PCS = CodeSystem.ICD10CM, CodeSystem.ICD10PCS
A, B, C, D = (Code(CM, code) for code in ("A00", "B00", "C00", "D00"))
P = Code(PCS, "BW03ZZZ")
Mention = tuple[Code, tuple[int, int]]


def judged(
    *ranked: Listed, gold: frozenset[Code] = frozenset(), mentions: frozenset[Mention] = frozenset()
) -> Judged:
    return Judged(ranked=ranked, gold=gold, mentions=mentions)


def listed(code: Code, probability: float = 1.0, *mentions: tuple[int, int]) -> Listed:
    return Listed(code=code, probability=probability, mentions=mentions)


def test_average_precision_counts_codes_that_are_not_ranked_as_missed() -> None:
    """A at 1 and C at 3, B never: (1/1 + 2/3) / 3."""
    note = judged(listed(A), listed(D), listed(C), gold=frozenset({A, B, C}))
    assert mean_average_precision([note], CM) == pytest.approx(5 / 9)


def test_the_mean_is_over_notes_with_codes_of_the_system() -> None:
    one = judged(listed(A), gold=frozenset({A}))
    half = judged(listed(B), listed(A), gold=frozenset({A, P}))
    without = judged(listed(A), gold=frozenset({P}))
    assert mean_average_precision([one, half, without], CM) == pytest.approx(0.75)
    assert mean_average_precision([one], PCS) is None
    assert mean_average_precision([], CM) is None


def test_other_systems_take_no_rank_and_a_code_counts_once() -> None:
    note = judged(listed(P), listed(A), listed(A), listed(B), gold=frozenset({A, B}))
    assert mean_average_precision([note], CM) == 1.0


def test_codes_are_counted_over_all_notes_from_the_cut_on() -> None:
    """Given: A right, D wrong, B right; gold: A, B, C."""
    first = judged(listed(A, 0.9), listed(D, 0.5), listed(C, 0.49), gold=frozenset({A, C}))
    second = judged(listed(B, 0.7), listed(P, 0.7), gold=frozenset({B}))
    found = code_score([first, second], CM)
    assert found == Score(precision=pytest.approx(2 / 3), recall=pytest.approx(2 / 3), f1=2 * 2 / 6)
    assert code_score([first, second], CM, cut=0.4).recall == 1.0


def test_nothing_given_and_nothing_wanted_is_nothing() -> None:
    assert Score.of(0, 0, 0) == Score(precision=0.0, recall=0.0, f1=0.0)


@pytest.mark.parametrize(
    ("offered", "right"),
    [
        (((100, 120),), 1),
        (((110, 110),), 1),  # ten characters off at both ends
        (((89, 120),), 0),
        (((100, 131),), 0),
        (((0, 5), (100, 120)), 1),
        ((), 0),
    ],
)
def test_evidence_may_be_ten_characters_off_at_either_end(
    offered: tuple[tuple[int, int], ...], right: int
) -> None:
    note = judged(listed(A, 0.9, *offered), mentions=frozenset({(A, (100, 120))}))
    found = evidence_score([note])
    assert found.recall == right
    assert found.precision == (pytest.approx(right / len(offered)) if offered else 0)


def test_evidence_of_another_code_or_below_the_cut_does_not_count() -> None:
    wanted = frozenset({(A, (100, 120))})
    assert evidence_score([judged(listed(B, 0.9, (100, 120)), mentions=wanted)]).f1 == 0
    assert evidence_score([judged(listed(A, 0.4, (100, 120)), mentions=wanted)]).f1 == 0


def test_a_discontinuous_mention_runs_from_its_first_character_to_its_last() -> None:
    wanted = frozenset({(A, (10, 90))})
    assert evidence_score([judged(listed(A, 0.9, (12, 88)), mentions=wanted)]).f1 == 1
    assert evidence_score([judged(listed(A, 0.9, (10, 30)), mentions=wanted)]).f1 == 0


ENDS = st.tuples(st.integers(0, 40), st.integers(0, 40))
MENTIONS = st.frozensets(st.tuples(st.sampled_from([A, B]), ENDS), max_size=5)


@given(MENTIONS, st.lists(st.tuples(st.sampled_from([A, B]), ENDS), max_size=5))
def test_no_figure_of_evidence_passes_one(
    wanted: frozenset[Mention], offered: list[Mention]
) -> None:
    note = judged(*(listed(code, 1.0, ends) for code, ends in offered), mentions=wanted)
    found = evidence_score([note])
    assert all(0 <= figure <= 1 for figure in (found.precision, found.recall, found.f1))
