"""The page of the past: a chart's timeline, and any decision as it was shown, beside now."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import db
from db import details
from db import said as told
from db.records import Pass, Said
from db.workflow_records import DetailDraft, Field
from tests.models import tiny_checkpoint
from tests.ui.second_desk import Browser, at_work, audited, coded, said, table
from ui.services.intents import REASONS, Kind
from ui.services.rights import Role


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


def history(app: AppTest, **address: int) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = str(value)
    app.switch_page("ui/pages/history.py").run()
    assert not app.exception
    return app


def column(app: AppTest) -> dict[str, Any]:
    (component,) = app.get("bidi_component")
    (only,) = json.loads(component.proto.json)["columns"]
    return only


def test_without_a_chart_in_the_address_one_is_chosen(app: AppTest) -> None:
    assert "Choose a chart to see everything" in said(history(app))
    app.selectbox(key="history-note").select_index(0).run()
    assert table(app, "When")["What"] == ["uploaded the note"]


def test_the_timeline_says_who_did_what_when_and_in_which_coding(app: AppTest) -> None:
    app.run()
    audited()
    note_id = coded("letter", ["I10"], coder="bob", coding_pass=Pass.SECOND)
    history(app, note=note_id)
    rows = table(app, "When")
    assert rows["Who"][0] == "lead"
    assert {"accepted", "finished the chart", "found: removed"} <= set(rows["What"])
    assert "only a symptom" in rows["In their words"]
    assert {"first", "second"} <= set(rows["Coding"])
    app.selectbox(key="history-what").select("Decisions only").run()
    app.selectbox(key="history-who").select("bob").run()
    rows = table(app, "When")
    assert (rows["Who"], rows["Coding"], rows["Code"]) == (["bob"], ["second"], ["ICD-10-CM I10"])
    app.selectbox(key="history-pass").select("first").run()
    assert "Nothing passes these filters." in said(app)


def test_a_decision_in_the_address_opens_as_it_was_shown(app: AppTest) -> None:
    app.run()
    desk = at_work()
    assert desk.do(Kind.REJECT, "I10", reason=REASONS[0]) is None
    history(app, decision=1)
    assert f"Rejected: {REASONS[0]}. ana" in said(app)
    screen = desk.opened.screen
    assert screen is not None
    record = dict(zip(*table(app, "On record").values(), strict=True))
    assert record["Checkpoint hash"] == screen.checkpoint_hash
    assert record["Memory hash"] == "as shipped: nothing learned"
    assert record["Thresholds"] == ", ".join(f"{t} {v:.2f}" for t, v in screen.thresholds.items())
    rows = table(app, "Rank")
    assert rows["Code"] == [str(each.suggestion.code) for each in screen.suggestions]
    assert rows["Rank"] == [each.rank for each in screen.suggestions]
    assert rows["Score"] == [each.suggestion.probability for each in screen.suggestions]
    decided = rows[" "].index("▶ decided")
    assert rows["Code"][decided] == "ICD-10-CM I10"
    app.button(key="history-back").click().run()
    assert table(app, "When")["What"][-1] == f"rejected ({REASONS[0]})"


def test_what_was_said_of_evidence_is_read_again_and_what_was_said_later_is_not(
    app: AppTest,
) -> None:
    app.run()
    desk = at_work()
    code, _ = next(iter(desk.opened.explanations))
    screen = desk.opened.screen
    assert screen is not None
    suggestion = next(e.id for e in screen.suggestions if e.suggestion.code == code)
    with db.unit_of_work(desk.coding.engine) as session:
        from db import screens

        (shown, *_) = screens.explanations(session, suggestion)
        for sentence in ("Removing these words: 0.80 to 0.20.",):
            told.record(session, _said(shown.id, sentence, desk))
    assert desk.do(Kind.ACCEPT, code.code) is None
    with db.unit_of_work(desk.coding.engine) as session:
        told.record(session, _said(shown.id, "Said later.", desk, words=3))
    history(app, decision=1)
    lines = column(app)["lines"]
    assert "Removing these words: 0.80 to 0.20." in lines
    assert "Said later." not in lines


def _said(explanation_id: int, sentences: str, desk: Any, words: int = 2) -> Said:
    return Said(
        explanation_id=explanation_id,
        before=0.8,
        after=0.2,
        words=words,
        agreed=None,
        memory="",
        sentences=sentences,
        said_at=desk.coding.now(),
    )


def test_the_same_model_is_the_same_now_and_another_is_told_apart_by_word_and_arrow(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit as st

    app.run()
    assert at_work().do(Kind.ACCEPT, "I10") is None
    history(app, decision=1)
    app.toggle(key="shown-compare").set_value(True).run()
    assert "= The same checkpoint and memory as then" in said(app)
    assert set(table(app, "Change")["Change"]) == {"= same"}
    tiny_checkpoint(tmp_path / "other", sharpness=3.0, max_length=8)
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "other"))
    st.cache_resource.clear()
    app.run()
    assert not app.exception
    assert "≠ Another checkpoint:" in said(app)
    changes = set(table(app, "Change")["Change"])
    assert changes != {"= same"}
    assert all(change[0] in "=↑↓＋✕" for change in changes)


def test_evidence_of_the_decided_code_stands_first_and_of_another_only_when_chosen(
    app: AppTest,
) -> None:
    app.run()
    desk = at_work()
    explained = {code.code for code, _ in desk.opened.explanations}
    silent = next(code for code in desk.states() if code not in explained)
    assert desk.do(Kind.ACCEPT, silent) is None
    history(app, decision=1)
    assert column(app)["name"] == f"ICD-10-CM {silent}"
    assert "no evidence was on the screen" in column(app)["empty"]
    app.selectbox(key="shown-evidence-1").select_index(1).run()
    assert column(app)["name"].split()[-1] in explained
    assert column(app)["passages"]


def test_an_addition_without_a_list_says_so(app: AppTest) -> None:
    app.run()
    assert at_work().do(Kind.ADD, "K35.80", screen_id=None) is None
    history(app, decision=1)
    assert "No suggestions were on the screen" in said(app)


def test_a_decision_that_is_not_there_is_an_error_not_a_crash(app: AppTest) -> None:
    assert "there is no decision 999" in said(history(app, decision=999))


def test_who_codes_the_chart_blind_cannot_unblind_themselves_here(
    app: AppTest, browser: Browser
) -> None:
    app.run()
    note_id = coded("letter", ["I10"])
    bob = at_work("letter", coder="bob", coding_pass=Pass.SECOND)
    assert bob.do(Kind.ACCEPT, "R50.9") is None
    browser.is_at("bob", Role.LEAD)
    history(app, note=note_id)
    assert "your own (second) coding of this note is not finished" in said(app)
    assert not app.dataframe
    app.query_params["decision"] = "1"
    app.run()
    assert "your own (second) coding of this note is not finished" in said(app)
    assert "I10" not in said(app)


@pytest.mark.parametrize(("role", "quotes"), [(Role.AUDITOR, False), (Role.LEAD, True)])
def test_comments_may_quote_the_note_and_leave_only_with_the_right_to_text(
    app: AppTest, browser: Browser, role: Role, quotes: bool
) -> None:
    app.run()
    desk = at_work()
    draft = DetailDraft(
        note_id=desk.opened.note.id,
        field=Field.COMMENT,
        code=None,
        value="Mrs Canary",
        coder="ana",
        token="t",  # noqa: S106
    )
    with db.unit_of_work(desk.coding.engine) as session:
        details.append(session, draft, seen=0, at=desk.coding.now())
    browser.is_at("eva", role)
    history(app, note=desk.opened.note.id)
    assert "Mrs Canary" in table(app, "When")["In their words"]

    from core.errors import NotAllowed
    from ui.workbench import workbench

    service = workbench().history
    if quotes:
        file = service.file(desk.opened.note.id, by="eva", comments=True)
        assert b"Mrs Canary" in file
        return
    with pytest.raises(NotAllowed, match="export the text of notes"):
        service.file(desk.opened.note.id, by="eva", comments=True)
    assert b"Canary" not in service.file(desk.opened.note.id, by="eva")
