"""The audit worksheet: cases worked by hand."""

import pytest

from core.errors import BadInput
from core.metrics.audit import Worksheet, together, worksheet


@pytest.mark.parametrize(
    ("changes", "accuracy"),
    [
        ({}, 1.0),  # nothing changed in ten codes
        ({"added": 1}, 0.9),
        ({"edited": 1, "removed": 1}, 0.8),
        ({"poa_changed": 2}, 0.8),
        ({"principal_changed": True}, 0.8),  # counts twice: 1 - 2/10
        # two added, one edited, one removed, one POA, the principal: 1 - (2+1+1+1+2)/10
        (
            {
                "added": 2,
                "edited": 1,
                "removed": 1,
                "poa_changed": 1,
                "principal_changed": True,
            },
            0.3,
        ),
        ({"added": 12}, 0.0),  # never below nothing
    ],
)
def test_accuracy_of_a_chart_of_ten_codes(changes: dict[str, int], accuracy: float) -> None:
    assert worksheet(codes_before=10, **changes).accuracy == pytest.approx(accuracy)


def test_twenty_codes_reach_the_bar_with_one_change_but_not_with_another_principal() -> None:
    assert worksheet(codes_before=20, added=1).passes
    assert not worksheet(codes_before=20, principal_changed=True).passes


def test_charts_are_put_together_code_over_code() -> None:
    long = worksheet(codes_before=18, removed=1)
    short = worksheet(codes_before=2, principal_changed=True)
    both = together([long, short])
    assert (both.charts, both.codes_before, both.changes) == (2, 20, 3)
    assert both.accuracy == pytest.approx(1 - 3 / 20)  # not the mean of 17/18 and 0


def test_a_chart_without_codes_is_right_until_something_is_missing() -> None:
    assert worksheet(codes_before=0).accuracy == 1.0
    assert worksheet(codes_before=0, added=1).accuracy == 0.0
    assert together([]).accuracy is None
    assert not Worksheet(codes_before=0, charts=0).passes


def test_more_codes_cannot_be_changed_than_there_are() -> None:
    with pytest.raises(BadInput, match="2 codes edited and 1 removed are more than the 2"):
        worksheet(codes_before=2, edited=2, removed=1)
    with pytest.raises(BadInput, match="counts from 0"):
        worksheet(codes_before=2, added=-1)
