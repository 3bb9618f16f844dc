"""The page of second codings: figures in plain words, differences side by side, settling them."""

import json
from typing import Any

import pytest
from sklearn.metrics import cohen_kappa_score
from streamlit.testing.v1 import AppTest

from core.types import Span
from db.records import Pass
from tests.ui.second_desk import (
    TEXT,
    Browser,
    at_work,
    coded,
    differing,
    icd,
    said,
    services,
    table,
)
from ui.services.intents import REASONS, Kind
from ui.services.rights import Role


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


def compare(app: AppTest, note_id: int | None = None) -> AppTest:
    app.run()
    if note_id is not None:
        app.query_params["note"] = str(note_id)
    app.switch_page("ui/pages/compare.py").run()
    assert not app.exception
    return app


def columns(app: AppTest) -> list[dict[str, Any]]:
    """What the two columns of passages show."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)["columns"]


def words(column: dict[str, Any], style: str) -> str:
    pieces = [piece for _, pieces in column["passages"] for piece in pieces]
    return "".join(text for text, styles in pieces if style in styles.split())


def test_without_second_codings_the_page_says_what_to_do_next(app: AppTest) -> None:
    assert "A lead asks for one in the inbox" in said(compare(app))
    assert not app.dataframe


def test_a_chart_that_one_of_the_two_has_not_finished_tells_nothing(app: AppTest) -> None:
    app.run()
    coded("letter", ["I10", "R50.9"])
    bob = at_work("letter", coder="bob", coding_pass=Pass.SECOND)
    assert bob.do(Kind.ACCEPT, "J18.9") is None
    compare(app)
    charts = table(app, "State")
    assert charts["State"] == ["○ not finished by both: blind"]
    assert charts["Differences"] == [None]
    assert "so there are no figures" in said(app)
    app.query_params["note"] = str(bob.opened.note.id)
    app.run()
    assert "the second coding of this note is not finished" in said(app)
    assert "R50.9" not in said(app)
    assert "J18.9" not in said(app)
    assert not app.get("bidi_component")


def test_the_figures_are_scikit_learns_and_are_explained(app: AppTest) -> None:
    app.run()
    differing()
    coded("other", ["I10", "E11.9"])
    coded("other", ["I10", "E11.9", "R07.9"], coder="bob", coding_pass=Pass.SECOND)
    compare(app)
    codes = ["I10", "R50.9", "J18.9", "E11.9", "R07.9"]
    given = [({"I10", "R50.9"}, {"I10", "J18.9"}), ({"I10", "E11.9"}, {"I10", "E11.9", "R07.9"})]
    kappa = cohen_kappa_score(
        [code in one for one, _ in given for code in codes],
        [code in other for _, other in given for code in codes],
    )
    shown = {each.label: each.value for each in app.metric}
    assert shown == {
        "Charts finished by two": "2",
        "Kappa": f"{kappa:.3f}",
        "Positive agreement": f"{2 * 3 / (2 * 3 + 1 + 2):.3f}",
        "Same principal diagnosis": "0 of 0",
    }
    assert "beyond what chance alone would give" in said(app)
    by_chart = table(app, "State")
    assert by_chart["Chart"] == ["letter", "other"]
    assert by_chart["Differences"] == [2, 1]
    for place, (one, other) in enumerate(given):
        expected = cohen_kappa_score([c in one for c in codes], [c in other for c in codes])
        assert by_chart["Kappa"][place] == pytest.approx(expected)
    assert table(app, "One coder")["One coder"] == ["ana"]
    by_code = table(app, "Code")
    assert by_code["Both gave it"] == [1, 2, 0, 0, 0]
    assert len(app.get("download_button")) == 3


def test_differences_stand_side_by_side_with_what_each_rests_on(app: AppTest) -> None:
    app.run()
    start = f"letter. {TEXT}".index("chest pain")
    coded("letter", ["I10", "R07.9"], marks=(Span(start, start + 10),))
    note_id = coded("letter", ["I10"], coder="bob", coding_pass=Pass.SECOND, rejects=["R07.9"])
    compare(app, note_id)
    one, other = columns(app)
    assert (one["name"], one["state"], one["lines"]) == ("ana", "added it", ["Marked these words."])
    assert words(one, "marked") == "chest pain"
    assert (other["name"], other["state"]) == ("bob", "did not give it")
    assert other["lines"] == [f"Rejected it: {REASONS[2]}."]
    assert "Both gave: ICD-10-CM I10." in said(app)


def test_settled_by_one_click_with_a_reason_undone_finished_and_reopened(app: AppTest) -> None:
    app.run()
    note_id = differing()
    compare(app, note_id)
    assert app.button(key="settle-finish").disabled
    app.button(key="settle-keep").click().run()
    assert table(app, "Settled")["Settled"] == ["✓ kept", "○ open"]
    app.button(key="settle-2").click().run()
    assert table(app, "Settled")["Settled"][1] == f"✕ left out: {REASONS[1]}"
    app.button(key="settle-undo").click().run()
    assert "1 of 2 still to settle." in said(app)
    app.button(key="settle-3").click().run()
    app.button(key="settle-finish").click().run()
    assert not app.exception
    assert "● Settled and finished" in said(app)
    double, _ = services()
    (kept, left) = double.differences(note_id)
    assert (kept.code, left.code) == (icd("J18.9"), icd("R50.9"))
    assert left.settled is not None
    assert (left.settled.coder, left.settled.reason) == ("coder", REASONS[2])
    app.button(key="settle-reopen").click().run()
    assert app.button(key="settle-keep")


def test_who_coded_the_chart_is_told_that_another_settles_it(
    app: AppTest, browser: Browser
) -> None:
    app.run()
    note_id = differing()
    browser.is_at("ana", Role.LEAD)
    compare(app, note_id)
    assert "You coded this chart yourself" in said(app)
    assert not [each for each in app.button if each.key.startswith("settle-")]


def test_charts_without_differences_have_nothing_to_settle(app: AppTest) -> None:
    app.run()
    coded("letter", ["I10"])
    note_id = coded("letter", ["I10"], coder="bob", coding_pass=Pass.SECOND)
    assert table(compare(app), "State")["State"] == ["● the same codes"]
    assert "nothing to settle" in said(compare(app, note_id))


@pytest.mark.parametrize("role", [Role.CODER, Role.SECOND_CODER])
def test_a_coder_does_not_find_the_page(app: AppTest, browser: Browser, role: Role) -> None:
    app.run()
    differing()
    browser.is_at("bob", role)
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("ui/pages/compare.py")
