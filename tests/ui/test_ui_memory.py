"""Memory through the services: what it learns, when, and what of it a screen keeps."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

import db
from core.errors import BadInput
from core.inference import Coder
from core.types import Annotation, Code, CodeSystem, Context, Span
from db import feedback, screens
from db.records import Screen
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Desk
from tests.ui.remembering import FEVER, OUTSIDE, PRESSURE, Remembering
from ui.components.review_board import Answers, payload
from ui.services.charts import Opened
from ui.services.coding import Coding
from ui.services.explaining import Explainer
from ui.services.intents import Kind
from ui.services.remembering import BOTH, PHRASES


@pytest.fixture
def memory(tmp_path: Path) -> Remembering:
    return Remembering.build(tmp_path / "tiny")


@pytest.fixture
def coding(coding: Coding, memory: Remembering) -> Coding:
    return replace(coding, coder=memory)


def _listed(screen: Screen | None) -> list[str]:
    assert screen is not None
    return [e.suggestion.code.code for e in screen.suggestions if e.suggestion.task == "icd"]


def test_a_screen_keeps_what_memory_said_and_which_decisions_it_knew(at_desk: Desk) -> None:
    opened = at_desk.opened
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        kept = screens.latest(session, opened.note.id, coder="ana")
    assert kept == opened.screen
    assert kept is not None
    first = kept.suggestions[0].suggestion
    assert (kept.memory, first.source) == ("", "network and memory")
    assert first.provenance == '"hypertension": seen in 14 coded notes, 13 times I10'
    assert first.contexts == (Context.FAMILY, Context.HISTORICAL)


def test_memory_learns_each_decision_and_forgets_what_is_taken_back(
    at_desk: Desk, memory: Remembering
) -> None:
    mark = Span(35, 47)
    at_desk.do(Kind.ACCEPT, "I10", marks=(mark,))
    at_desk.do(Kind.REJECT, "R50.9", reason="other")
    at_desk.do(Kind.ADD, "Z72.0")
    note, rejected = memory.lessons["letter"]
    assert note.annotations[0] == Annotation(code=PRESSURE, evidence=(mark,))
    assert [str(each.code) for each in note.annotations] == ["ICD-10-CM I10", "ICD-10-CM Z72.0"]
    assert rejected == {FEVER}
    for _ in range(3):
        at_desk.do(Kind.UNDO)
    assert memory.lessons == {}
    at_desk.do(Kind.REDO)
    note, _ = memory.lessons["letter"]
    assert note.annotations == (Annotation(code=PRESSURE, evidence=(mark,)),)


def test_what_was_refused_or_only_turns_a_chart_teaches_nothing(
    at_desk: Desk, memory: Remembering
) -> None:
    assert at_desk.do(Kind.ADD, "X99.99ZZ") is not None
    at_desk.do(Kind.FINISH)
    at_desk.do(Kind.REOPEN)
    assert memory.lessons == {}


def test_a_decision_is_kept_even_if_memory_cannot_learn_it(
    at_desk: Desk, memory: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no memory left")

    monkeypatch.setattr(memory, "learn", fail)
    assert at_desk.do(Kind.ACCEPT, "I10") is None
    assert at_desk.states()["I10"] == "accepted"


def test_a_new_start_learns_what_stands_on_every_note(
    at_desk: Desk, a_note: Callable[..., int], tmp_path: Path
) -> None:
    coding = at_desk.coding
    other = Desk(coding=coding, opened=coding.open(a_note("b", "No fever."), coder="ana"))
    other.do(Kind.REJECT, "R50.9", reason="negated or ruled out")
    at_desk.do(Kind.ACCEPT, "I10")
    restarted = Remembering.build(tmp_path / "again")
    assert replace(coding, coder=restarted).learn_all() == 2
    assert restarted.lessons == coding.coder.lessons  # type: ignore[union-attr]


def test_a_list_that_is_worked_on_stays_and_the_next_note_is_shown_what_was_learned(
    at_desk: Desk, coding: Coding, a_note: Callable[..., int]
) -> None:
    untouched, waiting = a_note("b", "Fever, hypertension."), a_note("c", "Cough, hypertension.")
    before = coding.open(untouched, coder="ana")
    at_desk.do(Kind.ACCEPT, "I10")
    assert coding.open(at_desk.opened.note.id, coder="ana").screen == at_desk.opened.screen
    after = coding.open(waiting, coder="ana").screen
    assert after is not None
    assert (after.memory, "15 coded notes" in after.suggestions[0].suggestion.provenance) == (
        "1 notes",
        True,
    )
    again = coding.open(untouched, coder="ana").screen
    assert again != before.screen, "nothing was decided on it, so it is shown afresh"


def _explained(desk: Desk, code: Code, method: str) -> Opened:
    """The chart after the page asked for this evidence."""
    assert desk.coding.coder is not None
    found = Explainer(desk.coding.coder).ask(desk.opened.note.as_note(), code, method, patience=20)
    assert found is not None
    return desk.coding.keep_explanation(desk.opened, found, asked=method)


def test_a_chart_opens_with_what_memory_found_for_the_first_code(at_desk: Desk) -> None:
    assert at_desk.opened.methods == (BOTH, PHRASES, "attention", "integrated_gradients")
    assert at_desk.opened.explanations.keys() == {(PRESSURE, BOTH)}


def test_a_code_of_which_no_phrase_is_known_shows_what_was_used_instead(at_desk: Desk) -> None:
    opened = _explained(at_desk, FEVER, PHRASES)
    assert opened.instead == {(FEVER, PHRASES): "attention"}
    assert (FEVER, "attention") in opened.explanations
    assert (FEVER, BOTH) in _explained(at_desk, FEVER, BOTH).explanations


def test_a_code_outside_the_network_has_phrases_only_and_is_decided_like_any_other(
    at_desk: Desk,
) -> None:
    assert at_desk.opened.unranked == {OUTSIDE}
    (span,) = _explained(at_desk, OUTSIDE, PHRASES).explanations[OUTSIDE, PHRASES].spans
    assert at_desk.opened.note.text[span.start : span.end] == "chest pain"
    assert at_desk.do(Kind.ACCEPT, "K35.80", method="phrases") is None
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        (row,) = feedback.decided(session)
    assert (row.source, row.provenance, row.contexts) == (
        "memory",
        "code title",
        (Context.NEGATED,),
    )
    assert (row.method, row.rank, row.memory) == ("phrases", 2, "")


def test_a_coverage_lists_every_code_from_its_cut_on_in_the_same_order(at_desk: Desk) -> None:
    likely = at_desk.opened
    assert likely.cuts == {0.8: 0.5, 0.9: 0.2, 0.95: None}
    wide = at_desk.coding.cover(likely, 0.9, coder="ana")
    assert wide.screen is not None
    assert (wide.coverage, wide.screen.cut) == (0.9, 0.2)
    assert _listed(wide.screen) == ["I10", "K35.80", "R50.9"]
    assert _listed(likely.screen)[:3] == _listed(wide.screen)
    narrow = at_desk.coding.cover(wide, 0.8, coder="ana")
    assert _listed(narrow.screen) == ["I10", "K35.80"]
    assert at_desk.coding.cover(narrow, None, coder="ana") == likely


def test_a_list_is_kept_with_its_evidence_before_it_is_shown_and_scores_nothing(
    at_desk: Desk, memory: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be computed")

    opened = _explained(at_desk, FEVER, PHRASES)
    monkeypatch.setattr(memory, "suggest", fail)
    monkeypatch.setattr(memory, "explain", fail)
    wide = at_desk.coding.cover(opened, 0.9, coder="ana")
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        assert screens.latest(session, wide.note.id, coder="ana") == wide.screen
    assert wide.explanations.keys() == {(PRESSURE, BOTH), (FEVER, "attention")}
    assert wide.instead == {(FEVER, PHRASES): "attention"}


def test_a_list_switched_after_a_decision_is_of_the_scores_on_screen(at_desk: Desk) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    wide = at_desk.coding.cover(at_desk.opened, 0.9, coder="ana")
    assert wide.screen is not None
    assert wide.screen.memory == ""
    assert "14 coded notes" in wide.screen.suggestions[0].suggestion.provenance


def test_a_coverage_out_of_reach_is_refused_and_a_chart_opens_with_likely_codes(
    at_desk: Desk, a_note: Callable[..., int]
) -> None:
    for coverage in (0.95, 0.5):
        with pytest.raises(BadInput, match="not on offer"):
            at_desk.coding.cover(at_desk.opened, coverage, coder="ana")
    opened = at_desk.coding.open(a_note("b", "Fever again."), coder="ana", coverage=0.95)
    assert opened.coverage is None
    assert at_desk.coding.open(opened.note.id, coder="ana", coverage=0.8).coverage == 0.8


def test_a_code_decided_on_another_list_stays_on_the_chart(at_desk: Desk) -> None:
    at_desk.do(Kind.REJECT, "R50.9", reason="other")
    narrow = replace(at_desk, opened=at_desk.coding.cover(at_desk.opened, 0.8, coder="ana"))
    assert narrow.states() == {"I10": "open", "K35.80": "open", "R50.9": "rejected"}


def test_the_board_is_told_all_of_it(at_desk: Desk) -> None:
    told = replace(at_desk, opened=_explained(at_desk, FEVER, PHRASES))
    data = payload(told.chart(), Answers(), coder="ana")
    rows = {row["code"]: row for row in data["rows"]}
    assert rows["I10"]["contexts"] == ["family", "historical"]
    assert rows["I10"]["provenance"].startswith('"hypertension": seen in 14')
    assert (rows["I10"]["networked"], rows["K35.80"]["networked"]) == (True, False)
    assert data["cuts"] == [[0.8, 0.5], [0.9, 0.2], [0.95, None]]
    assert (data["coverage"], data["cut"]) == (None, None)
    assert data["instead"]["phrases"][str(FEVER)] == "attention"


def test_opening_and_switching_take_few_statements(
    at_desk: Desk, coding: Coding, a_note: Callable[..., int]
) -> None:
    """However long the list is: a statement for each code would be felt."""
    statements: list[str] = []
    event.listen(coding.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    opened = coding.open(a_note("b", "Fever and hypertension."), coder="ana")
    coding.cover(opened, 0.9, coder="ana")
    assert len(statements) < 84


def test_the_real_memory_learns_a_marked_phrase_and_shows_it_on_the_next_note(
    coding: Coding, a_note: Callable[..., int], tmp_path: Path
) -> None:
    tiny_fused_checkpoint(tmp_path / "fused")
    coding = replace(coding, coder=Coder.load(tmp_path / "fused"))
    first, second = (
        a_note("b", "Patient with sugar disease and fever."),
        a_note("c", "Known sugar disease, no pain."),
    )
    desk = Desk(coding=coding, opened=coding.open(first, coder="ana"))
    assert desk.opened.methods[0] == "phrases_and_network"
    before = coding.open(second, coder="bo")
    assert desk.do(Kind.ADD, "E11.9", marks=(Span(13, 26),)) is None
    after = coding.open(second, coder="ana")
    row = {shown.code.code: shown for shown in Desk(coding=coding, opened=after).chart().rows}
    assert "1 coded note" in row["E11.9"].provenance
    diabetes = Code(CodeSystem.ICD10CM, "E11.9")
    (phrases,) = coding.coder.explain(after.note.as_note(), [diabetes], method="phrases")  # type: ignore[union-attr]
    (span,) = phrases.spans
    assert after.note.text[span.start : span.end] == "sugar disease"
    assert before.screen is not None
    assert after.screen is not None
    assert (before.screen.memory == "", after.screen.memory == "") == (True, False)
    restarted = replace(coding, coder=Coder.load(tmp_path / "fused"))
    assert restarted.learn_all() == 1
    assert restarted.open(second, coder="ana").screen == after.screen, "it is the same memory"
