"""Mean and spread over seeds, and paired differences, by numbers one can check by hand."""

from typing import Any

import pytest

from core.experiments import Cell, Line, Spread, difference, verdict
from core.experiments.running import Outcome
from core.systems import SYSTEMS


def line(name: str, *values: float | None) -> Line:
    """A line whose seeds have these figures of micro F1; None is a run that failed."""
    outcomes = {
        seed: Outcome(failure="no memory") if value is None else Outcome(result=result(value))
        for seed, value in enumerate(values)
    }
    return Line(cell=Cell(name=name, row="marn"), system=SYSTEMS["marn"], outcomes=outcomes)


def result(value: float) -> dict[str, Any]:
    return {"figures": {"icd": {"micro F1": value}}, "parameters": 7, "cost": {"epochs": value}}


def test_mean_and_standard_deviation_are_those_of_the_seeds_that_finished() -> None:
    spread = line("a", 60.0, None, 64.0).spread("icd", "micro F1")
    assert spread is not None
    assert str(spread) == "62.0 ± 2.8"  # sqrt(((-2)^2 + 2^2) / (2 - 1))
    assert str(Spread(values=(61.25,))) == "61.2"


def test_a_figure_no_seed_has_is_none() -> None:
    assert line("a", None).spread("icd", "micro F1") is None
    assert line("a", 1.0).spread("ccs", "micro F1") is None


def test_differences_are_taken_seed_by_seed_where_both_finished() -> None:
    found = difference(line("a", 60.0, 65.0, None), line("b", 58.0, 61.0, 1.0), "icd", "micro F1")
    assert found is not None
    assert found.values == (2.0, 4.0)
    assert difference(line("a", None), line("b", 1.0), "icd", "micro F1") is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((2.0, 3.0, 4.0), "better with it"),
        ((-2.0, -3.0, -4.0), "worse with it"),
        ((2.0, -1.0, 4.0), "no clear difference"),
        ((0.1, 0.1, 4.0), "no clear difference"),
        ((9.0,), "no clear difference"),
    ],
)
def test_a_difference_is_only_told_where_every_seed_agrees(
    values: tuple[float, ...], said: str
) -> None:
    assert verdict(Spread(values=values)) == said
