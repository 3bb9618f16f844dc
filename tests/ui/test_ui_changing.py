"""Changing a code to another: one action, one undo, the same evidence; all of it or nothing."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

import db
from core.codes import CodeTables
from core.errors import BadInput
from core.types import Code, CodeSystem, Span
from db import decisions
from db.records import Action, Decision, Status
from tests.ui.conftest import Desk
from ui.components.review_board import Answers, payload
from ui.services.coding import Coding
from ui.services.intents import Kind, read_intents
from ui.services.lookup import look_up, more_specific, nearby

FEVER, DRUG_FEVER = Code(CodeSystem.ICD10CM, "R50.9"), Code(CodeSystem.ICD10CM, "R50.2")
PRESSURE = Code(CodeSystem.ICD10CM, "I10")
MARKS = (Span(0, 5), Span(8, 11))


def _made(desk: Desk) -> tuple[Decision, ...]:
    with db.unit_of_work(desk.coding.engine, write=False) as session:
        return decisions.of_note(session, desk.opened.note.id)


def _change(desk: Desk, code: str, instead: Code, **changes: object) -> str | None:
    return desk.do(Kind.CHANGE, code, instead=instead, **changes)


def test_a_change_rejects_the_one_and_adds_the_other_with_its_evidence(at_desk: Desk) -> None:
    at_desk.do(Kind.ACCEPT, "R50.9", marks=MARKS)
    assert _change(at_desk, "R50.9", DRUG_FEVER) is None
    _, rejected, added = _made(at_desk)
    assert (rejected.code, rejected.action) == (FEVER, Action.REJECT)
    assert rejected.reason == "more specific code exists"
    assert (added.code, added.action, added.evidence) == (DRUG_FEVER, Action.ADD, MARKS)


def test_words_marked_for_the_change_come_before_those_of_the_old_code(at_desk: Desk) -> None:
    at_desk.do(Kind.ACCEPT, "R50.9", marks=MARKS[:1])
    _change(at_desk, "R50.9", DRUG_FEVER, marks=MARKS[1:])
    assert _made(at_desk)[-1].evidence == MARKS[1:]


def test_a_change_to_a_suggested_code_accepts_the_suggestion_and_keeps_its_marks(
    at_desk: Desk,
) -> None:
    at_desk.do(Kind.ACCEPT, "I10", marks=MARKS[:1])
    assert _change(at_desk, "R50.9", PRESSURE, marks=MARKS[1:]) is None
    rejected, accepted = _made(at_desk)[-2:]
    assert rejected.reason == "other", "high blood pressure is no closer word for fever"
    assert (accepted.action, accepted.evidence) == (Action.ACCEPT, MARKS[::-1])
    assert accepted.suggestion_id is not None


def test_one_undo_and_one_redo_are_of_both(at_desk: Desk) -> None:
    before = at_desk.states()
    _change(at_desk, "R50.9", DRUG_FEVER)
    after = at_desk.states()
    assert (after["R50.9"], after["R50.2"]) == ("rejected", "added")
    assert at_desk.chart().undo[0] == FEVER  # type: ignore[index]
    for _ in range(2):
        assert at_desk.do(Kind.UNDO) is None
        assert at_desk.states() == before
        assert at_desk.do(Kind.REDO) is None
        assert at_desk.states() == after


def test_a_change_that_is_sent_again_writes_nothing(at_desk: Desk) -> None:
    token = str(uuid4())
    for _ in range(3):
        assert _change(at_desk, "R50.9", DRUG_FEVER, token=token) is None
    assert len(_made(at_desk)) == 2


def test_what_was_sent_after_a_change_in_the_same_breath_is_no_conflict(at_desk: Desk) -> None:
    change = at_desk.intent(Kind.CHANGE, "R50.9", instead=DRUG_FEVER)
    after = frozenset({change.token})
    undo = at_desk.intent(Kind.UNDO, after=after)
    redo = at_desk.intent(Kind.REDO, after=after | {undo.token})
    outcomes = at_desk.coding.apply([change, undo, redo], coder="ana")
    assert set(outcomes.values()) == {None}
    assert at_desk.states()["R50.2"] == "added"


def test_if_one_half_is_refused_the_other_is_not_made(at_desk: Desk) -> None:
    seen = at_desk.chart().sequence
    bo = replace(at_desk, coder="bo")
    bo.do(Kind.ADD, "R50.2")
    why = _change(at_desk, "R50.9", DRUG_FEVER, seen=seen)
    assert "was added by bo" in str(why)
    unknown = Code(CodeSystem.ICD10CM, "R50.99999")
    assert "in no code table" in str(_change(at_desk, "R50.9", unknown))
    assert "needs another code" in str(_change(at_desk, "R50.9", FEVER))
    assert at_desk.states()["R50.9"] == "open"


def test_a_finished_chart_takes_no_change(at_desk: Desk) -> None:
    at_desk.do(Kind.FINISH)
    assert at_desk.chart().status is Status.DONE
    assert "this chart is finished" in str(_change(at_desk, "R50.9", DRUG_FEVER))


def test_the_page_names_the_other_code_or_is_not_understood(at_desk: Desk) -> None:
    sent = {
        "kind": "change",
        "token": str(uuid4()),
        "note": at_desk.opened.note.id,
        "system": "ICD-10-CM",
        "code": "R50.9",
        "instead": {"system": "ICD-10-CM", "code": "R50.2"},
    }
    (intent,) = read_intents([sent])
    assert (intent.code, intent.instead) == (FEVER, DRUG_FEVER)
    for odd in (None, "R50.2", {}, {"system": "ICD-10-CM"}):
        with pytest.raises(BadInput, match="unreadable"):
            read_intents([sent | {"instead": odd}])


@pytest.mark.parametrize(
    ("code", "than", "expected"),
    [
        ("R50.2", "R50.9", True),  # "Fever, unspecified"
        ("E11.65", "E11.9", False),  # "without complications" is as specific
        ("E11.9", "E11", True),  # under a heading
        ("R50.9", "R50.2", False),
        ("I10", "I10", False),
        ("I10", "R50.9", False),  # says more, but of something else
    ],
)
def test_what_is_more_specific(tables: CodeTables, code: str, than: str, expected: bool) -> None:
    one, other = Code(CodeSystem.ICD10CM, code), Code(CodeSystem.ICD10CM, than)
    assert more_specific(tables, one, other) is expected


def test_codes_around_a_code_begin_with_its_heading_and_hold_each_once(tables: CodeTables) -> None:
    found = [each.code.code for each in nearby(tables, DRUG_FEVER)]
    assert found[:2] == ["R50", "R50.2"]
    assert {"R50.9", "R50.81"} & set(found)
    assert len(found) == len(set(found))


def test_the_board_is_told_the_notes_on_a_code_and_the_codes_around_it(
    at_desk: Desk, tables: CodeTables
) -> None:
    diabetes = look_up(tables, Code(CodeSystem.ICD10CM, "E11.65"))
    about = payload(at_desk.chart(), Answers(about=diabetes), coder="ana")["about"]
    assert about["id"] == "ICD-10-CM E11.65"
    assert {"kind": "Excludes1", "at": "E11"}.items() <= next(
        note for note in about["notes"] if "gestational" in note["text"]
    ).items()
    assert "E11.69" in [each["code"] for each in about["siblings"]]
    heading = look_up(tables, Code(CodeSystem.ICD10CM, "E11"))
    about = payload(at_desk.chart(), Answers(about=heading), coder="ana")["about"]
    assert about["flags"] == ["category, not billable"]
    assert "E11.9" in [each["code"] for each in about["children"]]


def test_the_board_is_told_where_the_sections_of_a_note_begin(
    coding: Coding, a_note: Callable[..., int]
) -> None:
    text = "MEDICATIONS:\nNone 😀.\n\nFAMILY HISTORY:\nFever.\n"
    opened = coding.open(a_note("sections", text), coder="ana")
    chart = coding.chart(opened, coder="ana")
    outline = payload(chart, Answers(), coder="ana")["note"]["outline"]
    assert [text[start:end] for start, end in outline] == ["MEDICATIONS", "FAMILY HISTORY"]
