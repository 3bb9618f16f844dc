"""A coder's day through the services: what is shown is kept, what is decided is kept once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import db
from core.codes import CodeTables
from core.inference import Coder
from core.types import Code, CodeSystem, Span
from db import charts, decisions, feedback, screens
from db.records import Action, Draft, Turn
from tests.models import tiny_checkpoint
from tests.ui.conftest import Desk
from ui.services.charts import State, shown
from ui.services.coding import Coding
from ui.services.intents import Kind

I10 = Code(CodeSystem.ICD10CM, "I10")


def test_a_screen_is_kept_with_its_evidence_before_it_is_shown(at_desk: Desk) -> None:
    opened = at_desk.opened
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        kept = screens.latest(session, opened.note.id, coder="ana")
    assert kept == opened.screen
    assert kept is not None
    assert kept.truncated_at is not None, "this note is longer than the eight words the model reads"
    first = next(e.suggestion.code for e in kept.suggestions if e.suggestion.task == "icd")
    assert set(opened.explanations) == {(first, "attention_x_gradient")}, "the rest on request"
    text = opened.note.text
    for explanation in opened.explanations.values():
        assert all(text[span.start : span.end].strip() for span in explanation.spans)


def test_opening_again_shows_the_same_screen_and_records_nothing(at_desk: Desk) -> None:
    again = at_desk.coding.open(at_desk.opened.note.id, coder="ana")
    assert again == at_desk.opened
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        turns = charts.events(session, at_desk.opened.note.id)
    assert [turn.turn for turn in turns] == [Turn.OPENED]


def test_another_coder_and_a_newer_app_get_screens_of_their_own(at_desk: Desk) -> None:
    note_id, first = at_desk.opened.note.id, at_desk.opened.screen
    other = at_desk.coding.open(note_id, coder="bo").screen
    newer = replace(at_desk.coding, version="0.2.0").open(note_id, coder="ana").screen
    assert len({screen.id for screen in (first, other, newer) if screen}) == 3


def test_a_model_without_label_attention_offers_only_what_it_can_show(
    coding: Coding, a_note: Callable[..., int], tmp_path: Path
) -> None:
    tiny_checkpoint(tmp_path / "cnn", "cnn")
    pooling = replace(coding, coder=Coder.load(tmp_path / "cnn"))
    opened = pooling.open(a_note(), coder="ana")
    assert opened.methods == ("integrated_gradients",)
    assert opened.explanations == {}, "gradients are slow: they wait until somebody asks"
    assert opened.screen is not None


def test_without_a_model_a_chart_opens_as_it_was_shown_last(at_desk: Desk) -> None:
    bare = replace(at_desk.coding, coder=None)
    again = bare.open(at_desk.opened.note.id, coder="ana")
    assert again.screen == at_desk.opened.screen
    assert again.methods == ()


def test_without_a_model_and_a_past_screen_codes_can_still_be_added(
    coding: Coding, a_note: Callable[..., int]
) -> None:
    bare = replace(coding, coder=None)
    desk = Desk(coding=bare, opened=bare.open(a_note(), coder="ana"))
    assert desk.chart().rows == ()
    assert desk.do(Kind.ADD, "I10") is None
    assert desk.states() == {"I10": "added"}


def test_every_code_shown_has_a_title_and_stands_under_its_category(at_desk: Desk) -> None:
    chart = at_desk.chart()
    assert all(row.title and row.group for row in chart.rows)
    (pressure,) = (row for row in chart.rows if row.code == I10)
    assert str(pressure.category) == "CCSR CIR007"
    (category,) = (each for each in chart.categories if each.code == pressure.category)
    assert category.probability is not None, "the second branch of the model ranks it too"


def test_accept_reject_add_and_their_reasons_stand(at_desk: Desk) -> None:
    assert at_desk.do(Kind.ACCEPT, "I10") is None
    assert at_desk.do(Kind.REJECT, "E11.9", reason="negated or ruled out") is None
    assert at_desk.do(Kind.ADD, "K35.80", marks=(Span(0, 5),)) is None
    rows = {row.code.code: row for row in at_desk.chart().rows}
    assert rows["I10"].state is State.ACCEPTED
    assert (rows["E11.9"].state, rows["E11.9"].reason) == (State.REJECTED, "negated or ruled out")
    assert (rows["K35.80"].state, rows["K35.80"].marks) == (State.ADDED, (Span(0, 5),))
    assert rows["K35.80"].title == "Unspecified acute appendicitis"
    assert rows["K35.80"].flags == ("unspecified",)


def test_adding_a_code_that_is_suggested_accepts_the_suggestion(at_desk: Desk) -> None:
    at_desk.do(Kind.ADD, "I10")
    assert at_desk.states()["I10"] == "accepted"


def test_a_code_in_no_table_is_not_added(at_desk: Desk) -> None:
    assert "in no code table" in str(at_desk.do(Kind.ADD, "X99.99ZZ"))
    assert at_desk.chart().sequence == 0


def test_a_message_sent_twice_decides_once(at_desk: Desk) -> None:
    intents = [
        at_desk.intent(Kind.ACCEPT, "I10"),
        at_desk.intent(Kind.UNDO),
        at_desk.intent(Kind.REDO),
    ]
    intents = [
        replace(intent, after=frozenset(each.token for each in intents[:position]))
        for position, intent in enumerate(intents)
    ]
    first = at_desk.coding.apply(intents, coder="ana")
    second = at_desk.coding.apply(intents, coder="ana")
    assert set(first.values()) == set(second.values()) == {None}
    assert at_desk.chart().sequence == 3
    assert at_desk.states()["I10"] == "accepted"


def test_hurried_decisions_on_one_code_are_no_conflict_with_oneself(at_desk: Desk) -> None:
    accept = at_desk.intent(Kind.ACCEPT, "I10")
    reject = at_desk.intent(Kind.REJECT, "I10", reason="other", after=frozenset({accept.token}))
    outcomes = at_desk.coding.apply([accept, reject], coder="ana")
    assert set(outcomes.values()) == {None}
    assert at_desk.states()["I10"] == "rejected"


def test_what_another_coder_decided_meanwhile_is_a_conflict_that_writes_nothing(
    at_desk: Desk,
) -> None:
    mine = at_desk.intent(Kind.REJECT, "I10", reason="other")
    other = replace(at_desk, coder="bo")
    assert other.do(Kind.ACCEPT, "I10") is None
    (why,) = at_desk.coding.apply([mine], coder="ana").values()
    assert "accepted by bo" in str(why)
    assert at_desk.chart().sequence == 1


def test_undo_says_what_it_will_bring_back(at_desk: Desk) -> None:
    assert at_desk.chart().undo is None
    at_desk.do(Kind.ACCEPT, "I10")
    at_desk.do(Kind.REJECT, "I10", reason="other")
    assert at_desk.chart().undo == (I10, State.ACCEPTED)
    at_desk.do(Kind.UNDO)
    assert at_desk.states()["I10"] == "accepted"
    assert at_desk.chart().undo == (I10, State.OPEN)
    assert at_desk.chart().redo == (I10, State.REJECTED)
    assert "nothing to retract" in str(at_desk.do(Kind.RETRACT, "R07.9"))


def test_a_finished_chart_takes_no_decision_until_it_is_reopened(at_desk: Desk) -> None:
    at_desk.do(Kind.FINISH)
    assert at_desk.chart().status.value == "done"
    assert "reopen" in str(at_desk.do(Kind.ACCEPT, "I10"))
    at_desk.do(Kind.REOPEN)
    assert at_desk.do(Kind.ACCEPT, "I10") is None


def test_the_export_names_the_method_that_was_on_screen(at_desk: Desk) -> None:
    assert at_desk.coding.coder is not None
    note = at_desk.opened.note.as_note()
    (gradients,) = at_desk.coding.coder.explain(note, [I10], method="integrated_gradients")
    opened = at_desk.coding.keep_explanation(at_desk.opened, gradients)
    assert opened.explanations[I10, "integrated_gradients"].delta == gradients.delta
    at_desk.do(Kind.ACCEPT, "I10", method="attention_x_gradient")  # the coder had switched back
    with db.unit_of_work(at_desk.coding.engine, write=False) as session:
        (row,) = feedback.decided(session)
        (decision,) = decisions.of_note(session, at_desk.opened.note.id)
    assert row.method == "attention_x_gradient"
    assert decision.screen_id == at_desk.opened.screen.id  # type: ignore[union-attr]


def test_all_likely_codes_are_shown_and_at_least_twenty(at_desk: Desk) -> None:
    (any_one,) = at_desk.opened.screen.suggestions[:1]  # type: ignore[union-attr]
    ranked = tuple(replace(any_one.suggestion, probability=1 - rank / 100) for rank in range(100))
    assert len(shown(ranked, threshold=0.95)) == 20
    assert len(shown(ranked, threshold=0.70)) == 31
    assert len(shown(ranked, threshold=0.0)) == 60


def test_a_retired_code_on_a_chart_is_labelled(at_desk: Desk, tables: CodeTables) -> None:
    retired = Code(CodeSystem.ICD10CM, "R05")  # a heading since 2022
    at_desk.do(Kind.ADD, "R05")
    (row,) = (row for row in at_desk.chart().rows if row.code == retired)
    assert row.flags == ("category, not billable",)


def test_a_code_decided_on_without_a_title_is_shown_with_that_of_the_tables(at_desk: Desk) -> None:
    draft = Draft(  # as an import leaves it: a corpus holds no titles
        note_id=at_desk.opened.note.id,
        code=Code(CodeSystem.ICD10CM, "K35.80"),
        title="",
        action=Action.ADD,
        coder="ana",
        token="imported",  # noqa: S106
    )
    with db.unit_of_work(at_desk.coding.engine) as session:
        decisions.append(session, draft, seen=0, at=at_desk.coding.now())
    (row,) = (row for row in at_desk.chart().rows if row.code == draft.code)
    assert row.title == "Unspecified acute appendicitis"
    assert row.flags == ("unspecified",)
