"""Figures as a file: what a spreadsheet could take for a formula is defused, and comes back."""

import csv
import io

from core.metrics.audit import worksheet
from db.cells import restore
from ui.services.audit_words import lines, percent, sum_words, verdict
from ui.services.tabular import csv_file


def test_a_file_of_figures_is_read_back_as_it_was() -> None:
    names = ["=1+1", "@ana", "Müller", "-2", "a,b\r\nc", ""]
    file = csv_file({"Coder": names, "Kappa": [0.5, None, -0.25, 1.0, 0, 2]})
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Coder", "Kappa"]
    assert not any(row[0].startswith(("=", "@")) for row in rows)
    assert [restore(row[0]) for row in rows[1:]] == names
    assert [row[1] for row in rows[1:]] == ["0.5", "", "-0.25", "1.0", "0", "2"]


def test_the_arithmetic_of_a_worksheet_is_told_as_worked_by_hand() -> None:
    """20 codes; one added, one removed, one POA, the principal (twice): 1 - 5/20."""
    sheet = worksheet(codes_before=20, added=1, removed=1, poa_changed=1, principal_changed=True)
    assert sum_words(sheet) == "1 − 5 ÷ 20 = 75.0 %"
    assert verdict(sheet) == "✕ below the 95 % bar"
    assert lines(sheet)["Counts"] == [1, 0, 1, 1, 2, 5, 20]
    assert lines(sheet)["Found"] == [1, 0, 1, 1, 1, None, None]


def test_nineteen_of_twenty_reaches_the_bar_and_eighteen_does_not() -> None:
    assert verdict(worksheet(codes_before=20, edited=1)) == "✓ reaches the 95 % bar"
    assert verdict(worksheet(codes_before=20, edited=2)) == "✕ below the 95 % bar"


def test_a_chart_without_codes_has_no_fraction() -> None:
    assert sum_words(worksheet(codes_before=0)) == "No code stood before the audit."
    assert percent(worksheet(codes_before=0, added=1)) == "0.0 %"
