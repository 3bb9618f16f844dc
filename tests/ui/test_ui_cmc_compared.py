"""Three coders of CMC 2007, imported pair by pair, on the Compare page: kappa as scikit-learn's."""

from itertools import combinations
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score
from streamlit.testing.v1 import AppTest

from benchmarks.agreement import DATA, SPLIT, import_pairs
from core.corpora import cmc
from tests.test_bench_agreement import folder
from tests.ui.second_desk import said, table

__all__ = ["folder"]  # the fixture: three reports, three coders

CODES = ("Charts finished by two", "Kappa")


def compare(app: AppTest) -> AppTest:
    app.run()
    app.switch_page("ui/pages/compare.py").run()
    assert not app.exception
    return app


def kappas(place: Path) -> dict[tuple[str, str], float]:
    """By hand: every report times every code that either gave, for scikit-learn."""
    given = cmc.coders(place, SPLIT)
    found = {}
    for one, other in combinations(sorted(given), 2):
        reports = sorted(given[one])
        codes = sorted(
            {code for coder in (one, other) for each in given[coder].values() for code in each}
        )
        found[one, other] = cohen_kappa_score(
            *(
                [code in given[coder][report] for report in reports for code in codes]
                for coder in (one, other)
            )
        )
    return found


def imported(app: AppTest, place: Path) -> dict[tuple[str, str], float]:
    """The kappa of each pair of coders that the page shows."""
    from ui.identity import database

    app.run()
    import_pairs(database(), place)
    pairs = table(compare(app), "One coder")
    names = zip(pairs["One coder"], pairs["Other coder"], strict=True)
    return dict(zip(names, pairs["Kappa"], strict=True))


def test_three_coders_of_an_xml_file_are_compared_pair_by_pair(app: AppTest, folder: Path) -> None:
    shown = imported(app, folder)
    assert shown == pytest.approx(kappas(folder))
    assert set(shown) == set(combinations(["COMPANY1", "COMPANY2", "COMPANY3"], 2))
    assert {each.label: each.value for each in app.metric}["Charts finished by two"] == "9"
    assert len(table(app, "State")["Chart"]) == len(set(table(app, "State")["Chart"])) == 9
    app.selectbox(key="compare-coder").select("COMPANY3").run()
    assert {each.label: each.value for each in app.metric}["Charts finished by two"] == "6"
    assert list(zip(*list(table(app, "One coder").values())[:2], strict=True)) == [
        ("COMPANY1", "COMPANY3"),
        ("COMPANY2", "COMPANY3"),
    ]


def test_a_report_that_two_coders_coded_opens_with_its_differences(
    app: AppTest, folder: Path
) -> None:
    imported(app, folder)
    charts = table(app, "State")
    at = charts["Differences"].index(2)
    app.query_params["note"] = str(_note_named(charts["Chart"][at]))
    app.run()
    assert not app.exception
    assert "2 of 2 still to settle." in said(app)


def _note_named(name: str) -> int:
    from ui.workbench import _services

    return next(each.note_id for each in _services().double_coding.charts() if each.name == name)


@pytest.mark.skipif(not DATA.exists(), reason=f"no CMC 2007 at shared/data/{DATA.name}")
def test_the_published_reports_agree_as_the_benchmark_says(tmp_path: Path) -> None:
    import db
    from ui.services.double_coding import DoubleCoding

    engine = db.connect(tmp_path / "cmc.sqlite")
    db.migrate(engine)
    given, found = cmc.coders(DATA, SPLIT), cmc.read(DATA, SPLIT, "en").notes
    some = dict(list(found.items())[:60])
    from benchmarks.agreement import AT, import_pair

    one, other = "COMPANY1", "COMPANY2"
    import_pair(engine, some, {one: given[one], other: given[other]})
    shown = DoubleCoding(engine=engine, now=lambda: AT).agreement()
    codes = sorted({code for coder in (one, other) for note in some for code in given[coder][note]})
    sides = ([code in given[c][note] for note in some for code in codes] for c in (one, other))
    assert shown.by_pair[one, other].kappa == pytest.approx(cohen_kappa_score(*sides))
    engine.dispose()
