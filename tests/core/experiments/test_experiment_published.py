"""Published tables read as they were printed."""

import pytest

from core.experiments import published
from core.experiments.published import Published, table

TABLES = [value for value in vars(published).values() if isinstance(value, Published)]


@pytest.mark.parametrize("found", TABLES, ids=lambda found: found.title)
def test_every_figure_is_a_per_cent_of_a_metric_of_its_table(found: Published) -> None:
    assert len(found.rows) >= 2
    for name, row in found.rows.items():
        assert name
        assert set(row) <= set(found.metrics)
        assert all(0 < value < 100 for value in row.values())
        assert not any(cell.isdigit() for cell in name.split())


def test_a_row_is_found_by_our_name_or_the_printed_one() -> None:
    figures = published.TOP_50.of("dr_caml")
    assert figures == published.TOP_50.of("DR-CAML")
    assert figures["macro AUC"] == 88.4
    assert figures["P@5"] == 61.8
    assert published.TOP_50.of("marn")["micro F1"] == 71.8
    assert published.TOP_50.of("marn_released") == {}


def test_what_was_not_printed_is_not_there() -> None:
    assert published.TOP_50.of("Attentive LSTM") == {"micro AUC": 90.0, "micro F1": 53.2}
    assert "P@15" not in published.FULL_CODES.of("fusion")


def test_a_line_with_a_figure_too_few_is_not_read_as_another() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        table("t", source="s", metrics=("a", "b"), text="CNN 1.0 2.0 | CAML 3.0")


def test_published_parameters_are_found_by_our_name() -> None:
    assert published.parameters_of("multi_res_cnn") == 11.9
    assert published.parameters_of("marn") is None
