"""No figure of the design is without a test that bears its name, and none is named in vain."""

import ast
from pathlib import Path

import pytest

from benchmarks.safety import TRIALS
from tests.safety.figures import FIGURES
from tests.safety.protections import PROTECTIONS

TESTS = Path(__file__).parents[1]


def _functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_figures_are_those_of_the_design_all_22_of_them() -> None:
    assert sorted(FIGURES) == list(range(1, 23))


@pytest.mark.parametrize("number", FIGURES)
def test_every_test_and_trial_of_a_figure_exists(number: int) -> None:
    figure = FIGURES[number]
    assert figure.tests
    for named in (*figure.tests, *figure.without):
        file, _, function = named.partition("::")
        assert function in _functions(file), named
    assert set(figure.trials) <= {*TRIALS, "uploads"}


def test_every_protection_belongs_to_a_figure_that_says_so() -> None:
    taken_out = {
        number
        for number, figure in FIGURES.items()
        if any("test_safety_protections" in each for each in figure.without)
    }
    one_by_one = {each.figure for each in PROTECTIONS.values()}
    assert taken_out == one_by_one


def test_every_figure_but_speed_and_the_keyboard_is_lost_without_its_protection() -> None:
    """Nothing is taken out of 21 and 22: that is speed, and what the board does with keys."""
    assert [number for number, figure in FIGURES.items() if not figure.without] == [21, 22]
