"""Agreement between coders: equal to scikit-learn, and to figures worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score, jaccard_score

from core.errors import BadInput
from core.metrics import coders
from core.types import Code, CodeSystem

A, B, C = (Code(CodeSystem.ICD9CM, code) for code in ("786.2", "486", "599.0"))
CODES = st.frozensets(st.sampled_from([A, B, C]))
CHARTS = [f"n{i}" for i in range(6)]
CODINGS = st.fixed_dictionaries(dict.fromkeys(CHARTS, CODES))

ONE = {"n1": frozenset({A}), "n2": frozenset({A, B}), "n3": frozenset(), "n4": frozenset({B})}
OTHER = {"n1": frozenset({A}), "n2": frozenset({A}), "n3": frozenset({B}), "n4": frozenset({B})}


def test_figures_of_four_charts_by_hand() -> None:
    found = coders.agreement(ONE, OTHER)
    assert (found.both, found.only_one, found.only_other, found.neither) == (3, 1, 1, 3)
    # 6 of 8 agree; each gives half of them, so half agree by chance: (6/8 - 1/2) / (1 - 1/2)
    assert found.kappa == pytest.approx(0.5)
    assert found.positive == pytest.approx(6 / 8)
    assert found.jaccard == pytest.approx(3 / 5)


def test_figures_by_code_and_by_chart() -> None:
    of_code = coders.by_code(ONE, OTHER)
    assert of_code[A].kappa == pytest.approx(1.0)
    assert of_code[B].kappa == pytest.approx(0.0)
    of_chart = coders.by_chart(ONE, OTHER)
    assert [of_chart[chart].jaccard for chart in sorted(ONE)] == [1, 0.5, 0, 1]


def _flat(coding: dict[str, frozenset[Code]], codes: list[Code]) -> list[bool]:
    return [code in coding[chart] for chart in CHARTS for code in codes]


@pytest.mark.filterwarnings("ignore")  # scikit-learn warns where a figure is undefined
@given(one=CODINGS, other=CODINGS)
def test_kappa_positive_agreement_and_jaccard_are_scikit_learn_s(one, other) -> None:
    codes = sorted({code for coding in (one, other) for given in coding.values() for code in given})
    found = coders.agreement(one, other)
    flat_one, flat_other = _flat(one, codes), _flat(other, codes)
    if found.kappa is None:
        assert len(set(flat_one) | set(flat_other)) < 2
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(flat_one, flat_other))
    if found.positive is not None:
        assert found.positive == pytest.approx(f1_score(flat_one, flat_other))
        assert found.jaccard == pytest.approx(jaccard_score(flat_one, flat_other))
    for code, each in coders.by_code(one, other).items():
        if each.kappa is not None:
            theirs = cohen_kappa_score(_flat(one, [code]), _flat(other, [code]))
            assert each.kappa == pytest.approx(theirs)


def test_charts_that_only_one_of_them_coded_say_nothing() -> None:
    more = {**ONE, "n9": frozenset({C})}
    assert coders.agreement(more, OTHER) == coders.agreement(ONE, OTHER)
    with pytest.raises(BadInput, match="no chart in common"):
        coders.agreement({"n1": frozenset()}, {"n2": frozenset()})


def test_alpha_of_krippendorff_s_own_examples() -> None:
    # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", sections A and C
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert coders.nominal_alpha(zip(meg, owen, strict=True)) == pytest.approx(0.095, abs=5e-4)
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [[value for value in unit if value] for unit in zip(*observers, strict=True)]
    assert coders.nominal_alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_two_coders_without_variation_is_undefined() -> None:
    assert coders.alpha([{"n1": frozenset({A})}, {"n1": frozenset({A})}]) is None


def test_alpha_counts_each_code_of_each_chart() -> None:
    # 8 units, 16 values, half of them given; 2 units differ, each counting twice:
    # 1 - 15 * (2 + 2) / (16 * 16 - 8 * 8 - 8 * 8)
    assert coders.alpha([ONE, OTHER]) == pytest.approx(1 - 15 * 4 / 128)
