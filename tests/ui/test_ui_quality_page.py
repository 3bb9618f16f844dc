"""The page of audits: a draw that can be repeated, the worksheet, answers, cards, and rights."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.second_desk import Browser, audited, coded, said, services, table
from ui.services.audit_words import KINDS
from ui.services.quality import FindingKind, FindingState
from ui.services.rights import Role


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


def quality(app: AppTest, audit_id: int | None = None) -> AppTest:
    app.run()
    if audit_id is not None:
        app.query_params["audit"] = str(audit_id)
    app.switch_page("ui/pages/quality.py").run()
    assert not app.exception
    return app


def show(app: AppTest, view: str) -> AppTest:
    app.button_group(key="quality-view").set_value(view).run()
    assert not app.exception
    return app


def test_empty_views_say_what_to_do_next(app: AppTest) -> None:
    assert "Draw a sample first" in said(quality(app))
    assert "There is no chart to audit yet" in said(show(app, "Draw a sample"))
    assert "No audit is finished yet" in said(show(app, "Scorecards"))
    assert "None of your charts was audited yet" in said(show(app, "Your findings"))


def test_a_draw_says_what_it_was_and_the_same_seed_draws_it_again(app: AppTest) -> None:
    app.run()
    for number in range(4):
        coded(f"letter {number}", ["I10"])
    show(quality(app), "Draw a sample")
    drawn = []
    for _ in range(2):
        app.number_input(key="draw-size").set_value(2)
        app.number_input(key="draw-seed").set_value(11)
        app.button(key="draw-do").click().run()
        assert "Drawn: 2 of 4 charts, random, seed 11." in said(app)
        drawn.append(table(app, "Chart")["Chart"])
    assert drawn[0] == drawn[1]
    rows = table(show(app, "Audits"), "Stage")
    assert (rows["Seed"], rows["Stage"]) == ([11] * 4, ["○ to audit"] * 4)


def test_a_worksheet_whose_figures_are_worked_by_hand(app: AppTest, browser: Browser) -> None:
    """Two codes; one too much (1), the principal changed (2): 1 - 3/2, which is 0; then 1 - 1/2."""
    app.run()
    audit_id = audited(finish=False)
    browser.is_at("eva", Role.AUDITOR)
    quality(app, audit_id)
    assert {each.label: each.value for each in app.metric} == {"Diagnosis accuracy": "50.0 %"}
    assert "1 − 1 ÷ 2 = 50.0 %: ✕ below the 95 % bar" in said(app)
    app.button(key="finding-principal").click().run()
    app.button(key="finding-record").click().run()
    assert not app.exception
    assert "ICD-10-CM I10 should be the principal diagnosis." in said(app)
    assert {each.label: each.value for each in app.metric} == {"Diagnosis accuracy": "0.0 %"}
    sums = table(app, "Counts")
    counts = zip(sums["Found"], sums["Counts"], strict=True)
    by_change = dict(zip(sums["Change"], counts, strict=True))
    assert by_change["Principal diagnosis changed (counts twice)"] == (1, 2)
    assert by_change["Changes"] == (None, 3)
    _, service = services()
    (_, principal) = service.open(audit_id).findings
    app.button(key=f"answer-withdrawn-{principal.id}").click().run()
    assert {each.label: each.value for each in app.metric} == {"Diagnosis accuracy": "50.0 %"}
    app.button(key="worksheet-finish").click().run()
    assert not app.exception
    assert "◔ with the coder" in said(app)


@pytest.mark.parametrize(("kind", "words"), KINDS.items())
def test_every_kind_of_finding_has_a_button(app: AppTest, kind: FindingKind, words: str) -> None:
    app.run()
    quality(app, audited(finish=False))
    assert app.button(key=f"finding-{kind}").label == words


def test_a_missing_code_is_found_by_words(app: AppTest, browser: Browser) -> None:
    app.run()
    audit_id = audited(finish=False)
    browser.is_at("eva", Role.AUDITOR)
    quality(app, audit_id)
    app.button(key="finding-added").click().run()
    app.button(key="finding-record").click().run()
    assert "Choose the code first" in said(app)
    app.text_input(key="finding-added-code-query").input("acute appendicitis").run()
    found = app.selectbox(key="finding-added-code-hit").value
    app.button(key="finding-record").click().run()
    assert f"{found} is missing." in said(app)
    assert "added by the audit" in table(app, "Finding")["Finding"]


def test_who_coded_a_chart_cannot_audit_it_and_is_told(app: AppTest, browser: Browser) -> None:
    app.run()
    audit_id = audited(finish=False)
    browser.is_at("ana", Role.LEAD)
    assert "You coded this chart yourself" in said(quality(app, audit_id))
    assert not [each for each in app.button if each.key == "finding-record"]


def test_a_coder_finds_what_to_answer_where_they_start_and_sees_nothing_before_the_end(
    app: AppTest, browser: Browser
) -> None:
    app.run()
    audit_id = audited(finish=False)
    browser.is_at("ana", Role.CODER)
    app.run()
    assert not app.get("page_link")
    assert "None of your charts" in said(quality(app, audit_id)), "an address leads nowhere else"
    _, service = services()
    service.finish(audit_id, auditor="eva")
    app.switch_page("ui/pages/inbox.py").run()
    assert [each.proto.label for each in app.get("page_link")] == ["You have 1 finding to answer."]


def test_a_coder_rebuts_the_auditor_escalates_a_third_person_decides(
    app: AppTest, browser: Browser
) -> None:
    app.run()
    audit_id = audited()
    _, service = services()
    (finding,) = service.open(audit_id).findings

    browser.is_at("ana", Role.CODER)
    quality(app)
    assert "ICD-10-CM R50.9 should not be coded." in said(app)
    assert "eva: only a symptom" in said(app)
    app.button(key=f"answer-rebutted-{finding.id}").click().run()
    assert "a rebuttal needs its reason; write it down" in said(app)
    app.text_area(key=f"answer-words-{finding.id}-0").input("the reason for the visit")
    app.button(key=f"answer-rebutted-{finding.id}").click().run()
    assert "✓ You have no findings to answer." in said(app)
    assert "rebutted by ana: the reason for the visit" in said(app)

    browser.is_at("eva", Role.AUDITOR)
    app.run()
    quality(app, audit_id)
    assert "◐ rebutted" in said(app)
    app.button(key=f"answer-escalated-{finding.id}").click().run()
    assert not [each for each in app.button if each.key.startswith("answer-")], "not hers to rule"

    browser.is_at("lea", Role.LEAD)
    app.run()
    quality(app, audit_id)
    app.button(key=f"answer-overturned-{finding.id}").click().run()
    assert service.open(audit_id).states == {finding.id: FindingState.OVERTURNED}
    assert {each.label: each.value for each in app.metric} == {"Diagnosis accuracy": "100.0 %"}
    app.query_params.clear()
    app.run()
    cards = table(show(app, "Scorecards"), "Bar")
    assert (cards["Coder"], cards["Diagnosis accuracy"]) == (["ana"], ["100.0 %"])
    assert cards["Bar"] == ["✓ reaches the 95 % bar"]


def test_a_coder_sees_nobody_elses_findings(app: AppTest, browser: Browser) -> None:
    app.run()
    audited()
    browser.is_at("bob", Role.CODER)
    quality(app)
    assert "None of your charts was audited yet." in said(app)
    assert "R50.9" not in said(app)
    assert not app.dataframe
