"""Figures for a lead, from frames one can count by hand."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from core.metrics import insights


def at(day: int, minute: float = 0) -> datetime:
    return datetime(2026, 3, day, 9, tzinfo=UTC) + timedelta(minutes=minute)


CHARTS = pd.DataFrame(
    [(1, "ana", at(1), 4.0, 3), (2, "ana", at(1), 6.0, 5), (3, "bob", at(2), 10.0, 1)],
    columns=["note", "coder", "finished_at", "minutes", "codes"],
)


def test_a_pause_longer_than_a_quarter_of_an_hour_is_no_work() -> None:
    assert insights.active_minutes([at(1), at(1, 10), at(1, 40), at(1, 45)]) == 15
    assert insights.active_minutes([at(1)]) == 0


def test_throughput_counts_charts_and_codes_per_day_week_and_month() -> None:
    by_day = insights.throughput(CHARTS).to_dict("records")
    assert [(row["coder"], row["charts"], row["codes"]) for row in by_day] == [
        ("ana", 2, 8),
        ("bob", 1, 1),
    ]
    assert str(by_day[0]["period"]) == "2026-03-01 00:00:00+00:00"
    by_week = insights.throughput(CHARTS, period="W")
    assert [str(period.date()) for period in by_week["period"]] == ["2026-02-23", "2026-03-02"]
    by_month = insights.throughput(CHARTS, period="MS")
    assert {str(period.date()) for period in by_month["period"]} == {"2026-03-01"}


def test_time_per_chart_is_a_median_between_its_quarters() -> None:
    found = insights.time_per_chart(CHARTS).set_index("coder")
    assert found.loc["ana"].tolist() == [2, 4.5, 5.0, 5.5, pytest.approx(5.8)]


DECIDED = pd.DataFrame(
    [
        (1, "I10", "ana", "c0", True, True, False),  # accepted, holds
        (2, "I10", "ana", "c0", True, True, True),  # accepted, overturned
        (1, "R05", "ana", "c0", True, False, False),  # rejected, holds
        (2, "R05", "bob", "c1", False, True, True),  # added, overturned
    ],
    columns=["note", "code", "coder", "checkpoint", "suggested", "given", "overturned"],
)


def test_acceptance_is_of_suggestions_and_overturn_of_all_decisions() -> None:
    by_code = insights.rates(DECIDED, by="code").set_index("code")
    assert by_code.loc["I10", ["acceptance", "overturn"]].tolist() == [1.0, 0.5]
    assert by_code.loc["R05", ["acceptance", "overturn"]].tolist() == [0.0, 0.5]
    by_coder = insights.rates(DECIDED, by="coder").set_index("coder")
    assert by_coder.loc["ana", "acceptance"] == pytest.approx(2 / 3)
    assert by_coder.loc["bob", "overturn"] == 1.0
    assert pd.isna(by_coder.loc["bob", "acceptance"]), "nothing was suggested to bob"
    assert by_code.loc["R05", ["suggestions", "rejected", "rejection"]].tolist() == [1, 1, 1.0]
    assert insights.rates(DECIDED, by="coder")["coder"].tolist() == ["ana", "bob"], "most first"
    by_checkpoint = insights.rates(DECIDED, by="checkpoint").set_index("checkpoint")
    assert by_checkpoint["decided"].to_dict() == {"c0": 3, "c1": 1}


SUGGESTED = pd.DataFrame(
    [
        (1, "I10", "c0", at(1), 0.95, True, True),
        (1, "R05", "c0", at(1), 0.75, True, False),
        (1, "E11", "c0", at(1), 0.15, False, True),
        (2, "I10", "c1", at(2), 0.85, True, True),
    ],
    columns=["note", "code", "checkpoint", "shown_at", "probability", "likely", "right"],
)
FINALS = pd.DataFrame(
    [(1, code, "c0", at(1)) for code in ("I10", "E11", "K35", "Z99")] + [(2, "I10", "c1", at(2))],
    columns=["note", "code", "checkpoint", "shown_at"],
)


def test_precision_recall_and_brier_per_month_and_checkpoint() -> None:
    found = insights.model_over_time(SUGGESTED, FINALS).set_index("checkpoint")
    assert found.loc["c0", ["precision", "recall"]].tolist() == [0.5, 0.25]
    assert found.loc["c0", "brier"] == pytest.approx((0.05**2 + 0.75**2 + 0.85**2) / 3)
    assert found.loc["c1", ["precision", "recall"]].tolist() == [1.0, 1.0]


def test_what_the_list_missed_is_counted_over_time_and_by_code() -> None:
    found = insights.model_over_time(SUGGESTED, FINALS).set_index("checkpoint")
    assert found.loc["c0", ["final", "found", "missed", "coverage"]].tolist() == [4, 2, 2, 0.5]
    assert found.loc["c1", "missed"] == 0
    by_code = insights.missed(SUGGESTED, FINALS)
    assert by_code["code"].tolist() == ["K35", "Z99", "E11", "I10"]
    assert by_code["missed"].tolist() == [1, 1, 0, 0]
    assert by_code.set_index("code").loc["I10", ["final", "share"]].tolist() == [2, 0.0]


def test_coders_beyond_the_busiest_are_counted_together() -> None:
    found = insights.throughput(CHARTS, most=1)
    assert found[["coder", "charts"]].to_numpy().tolist() == [["ana", 2], ["others", 1]]


def test_calibration_puts_expected_beside_observed() -> None:
    found = insights.calibration(SUGGESTED, bins=2)
    assert found["suggestions"].tolist() == [1, 3]
    assert found["expected"].tolist() == pytest.approx([0.15, 0.85])
    assert found["observed"].tolist() == pytest.approx([1.0, 2 / 3])
    error = (1 * 0.85 + 3 * (0.85 - 2 / 3)) / 4
    assert insights.calibration_error(SUGGESTED, bins=2) == pytest.approx(error)
    each = insights.calibration_errors(SUGGESTED).set_index("checkpoint")
    assert each.loc["c1", ["suggestions", "error", "brier"]].tolist() == [
        1,
        pytest.approx(0.15),
        pytest.approx(0.15**2),
    ]


def test_no_rows_are_no_error() -> None:
    nothing = [frame.head(0) for frame in (CHARTS, DECIDED, SUGGESTED, FINALS)]
    charts, decided, suggested, finals = nothing
    assert insights.throughput(charts).empty
    assert insights.time_per_chart(charts).empty
    assert insights.rates(decided, by="code").empty
    assert insights.model_over_time(suggested, finals).empty
    assert insights.calibration(suggested).empty
    assert insights.calibration_errors(suggested).empty
    assert insights.missed(suggested, finals).empty
