"""CMC 2007's coders imported as double codings: the database gives the figures of the codes."""

from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.agreement import agreements, page
from core.corpora import cmc
from core.metrics import coders

REPORTS = {  # id -> codes of three coders; the first two read alike
    "1": (["786.2"], ["786.2"], ["786.2", "780.6"]),
    "2": (["486"], ["786.2"], []),
    "3": (["599.0", "591"], ["599.0"], ["591"]),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = ""
    for number, of_coder in REPORTS.items():
        text = "Cough." if number in "12" else "Urinary infection."
        codes = "".join(
            f'<code origin="COMPANY{coder}" type="ICD-9-CM">{code}</code>'
            for coder, given in enumerate(of_coder, start=1)
            for code in given
        )
        docs += (
            f'<doc id="{number}"><codes>{codes}'
            '<code origin="CMC_MAJORITY" type="ICD-9-CM">786.2</code></codes>'
            f'<texts><text type="IMPRESSION">{text}</text></texts></doc>'
        )
    (tmp_path / "train.xml").write_text(f"<docs>{docs}</docs>")
    return tmp_path


def test_every_pair_agrees_in_the_database_as_in_the_file(folder: Path) -> None:
    given = cmc.coders(folder, "train")
    figures = agreements(folder)
    assert list(figures) == list(combinations(["COMPANY1", "COMPANY2", "COMPANY3"], 2))
    for (one, other), found in figures.items():
        assert found.charts == 3, "two reports that read alike are two charts"
        assert found.overall == coders.agreement(given[one], given[other])
        assert found.by_code == coders.by_code(given[one], given[other])
        assert found.by_chart == coders.by_chart(given[one], given[other])


def test_the_page_names_every_pair_and_code(folder: Path) -> None:
    text = page(agreements(folder), 0.5)
    assert "| COMPANY1 and COMPANY2 | 0.400 | 0.571 | 0.400 | 2 | 2 | 1 |" in text
    for code in ("786.2", "780.6", "486", "599.0", "591"):
        assert f"| {code} |" in text
