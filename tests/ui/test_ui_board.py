"""What the board says of whose turn it is: a first list without help, a second coding, a claim."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import db
from db import trials
from db.records import Pass
from db.trials import TrialKind
from db.workflow_records import Work
from tests.ui.conftest import Clock, Desk
from ui.components.review_board import Answers, payload
from ui.services.coding import Coding
from ui.services.intents import Kind
from ui.services.trials import Trials
from ui.services.worklist import Worklist
from ui.session import CODING_PASS


@pytest.fixture
def worklist(coding: Coding, clock: Clock) -> Worklist:
    return Worklist(engine=coding.engine, now=clock)


def _told(desk: Desk) -> dict[str, Any]:
    return payload(desk.chart(), Answers(), coder=desk.coder)


def test_a_list_that_is_withheld_is_shown_after_the_first_one_is_submitted(
    coding: Coding, a_note: Callable[..., int], clock: Clock
) -> None:
    note_id = a_note()
    held_back = Trials(engine=coding.engine, tables=coding.tables, siblings=list, now=clock)
    held_back.start([note_id], coder="ana", by="lea", blind_first=True)
    coding = replace(coding, trials=held_back)
    blind = Desk(coding=coding, opened=coding.open(note_id, coder="ana"))
    told = _told(blind)
    assert (told["withheld"], told["rows"], told["methods"]) == (True, [], [])
    assert blind.do(Kind.ADD, "I10") is None
    held_back.submit(note_id, coder="ana")
    told = _told(Desk(coding=coding, opened=coding.open(note_id, coder="ana")))
    states = {row["code"]: row["state"] for row in told["rows"]}
    assert not told["withheld"]
    assert (states["I10"], states["R50.9"]) == ("added", "open")


def test_a_chart_of_another_says_who_has_it_and_takes_no_decision(
    coding: Coding, a_note: Callable[..., int], worklist: Worklist
) -> None:
    coding, note_id = replace(coding, claims=True), a_note()
    worklist.claim(Work(note_id=note_id, coding_pass=Pass.FIRST), coder="bo")
    ana = Desk(coding=coding, opened=coding.open(note_id, coder="ana"))
    assert _told(ana)["held"]["by"] == "bo"
    assert "bo has this chart since" in str(ana.do(Kind.ACCEPT, "I10"))
    assert ana.states()["I10"] == "open"
    bo = replace(ana, coder="bo")
    assert _told(bo)["held"] is None
    assert bo.do(Kind.ACCEPT, "I10") is None
    assert bo.do(Kind.FINISH) is None
    assert _told(ana)["held"] is None, "who finishes a chart lets go of it"


def _board(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    (board,) = app.get("bidi_component")
    found: dict[str, Any] = json.loads(board.proto.json)
    return found


def test_a_second_coding_is_said_to_be_one_and_has_the_list_of_the_first_alone(
    app: AppTest,
) -> None:
    app.query_params["note"] = "1"
    app.query_params[CODING_PASS] = Pass.SECOND.value
    app.switch_page("ui/pages/review.py").run()
    told = _board(app)
    assert (told["coding_pass"], told["cuts"]) == (Pass.SECOND.value, [])


def test_the_chart_of_one_coding_is_never_shown_for_the_other(app: AppTest) -> None:
    app.query_params["note"] = "1"
    app.switch_page("ui/pages/review.py").run()
    assert _board(app)["coding_pass"] == Pass.FIRST.value
    app.query_params[CODING_PASS] = Pass.SECOND.value
    app.run()
    assert not app.get("bidi_component")
    assert any("your own (first) coding" in text.value for text in app.text)


def test_the_page_says_that_suggestions_are_withheld(app: AppTest, tmp_path: Path) -> None:
    app.run()
    engine = db.connect(tmp_path / "evicode.sqlite")
    with db.unit_of_work(engine) as session:
        kind = TrialKind.BLIND_FIRST
        at = Clock()()
        trials.record(session, 2, kind, coder="coder", by="lea", at=at)
    engine.dispose()
    app.query_params["note"] = "2"
    app.switch_page("ui/pages/review.py").run()
    told = _board(app)
    assert (told["withheld"], told["rows"]) == (True, [])
    assert told["note"]["outline"], "the sections are there without a model's help"
