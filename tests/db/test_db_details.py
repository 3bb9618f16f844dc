# ruff: noqa: S106  (tokens are no secrets)
"""Order, POA and comments: what holds, how it is undone, and what is refused."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import db
from core.errors import BadInput, Conflict
from core.types import Code, CodeSystem
from db import decisions, details
from db.coded import coded
from db.records import Action, Pass, StoredNote
from db.workflow_records import Coded, Detail, DetailDraft, Field
from tests.db.desk import COUGH, FEVER, PRESSURE, a_note, clock, decide

BYPASS = Code(CodeSystem.ICD10PCS, "0210093")


def put(
    session: Session,
    note: StoredNote,
    field: Field,
    code: Code | None,
    value: str,
    *,
    coder: str = "ana",
    seen: int | None = None,
    **changes,
) -> Detail:
    draft = DetailDraft(
        note_id=note.id,
        field=field,
        code=code,
        value=value,
        coder=coder,
        **({"token": str(uuid4())} | changes),
    )
    if seen is None:
        seen = len(details.of_note(session, note.id, coding_pass=None))
    return details.append(session, draft, seen=seen, at=clock(seen))


def look(session: Session, note: StoredNote, coding_pass: Pass | None = None) -> Coded:
    made = decisions.of_note(session, note.id, coding_pass=None)
    said = details.of_note(session, note.id, coding_pass=None)
    return coded(made, said, coding_pass=coding_pass)


def codes(found: Coded) -> list[Code]:
    return [each.code for each in found.codes]


def test_unrelated_pairs_are_one_list_that_is_undone_like_an_order(engine: Engine) -> None:
    one, other = frozenset({FEVER, COUGH}), frozenset({FEVER, PRESSURE})
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        put(session, note, Field.UNRELATED, None, details.unrelated([one]))
        put(session, note, Field.UNRELATED, None, details.unrelated([one, other]))
        assert look(session, note).unrelated == {one, other}
        details.undo(session, note.id, coder="ana", token="back", seen=9, at=clock(9))
        assert look(session, note).unrelated == {one}
        with pytest.raises(BadInput, match="no pairs of codes"):
            put(session, note, Field.UNRELATED, None, "[1]")


def test_codes_stand_in_their_order_and_later_ones_behind(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        for code in (FEVER, COUGH):
            decide(session, note, code)
        assert look(session, note).principal is None, "nobody chose one"
        put(session, note, Field.ORDER, None, details.order([COUGH, FEVER]))
        decide(session, note, PRESSURE, Action.ADD)
        assert codes(look(session, note)) == [COUGH, FEVER, PRESSURE]
        assert look(session, note).principal == COUGH


def test_the_principal_is_the_first_diagnosis_not_the_first_procedure(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        for code in (BYPASS, FEVER):
            decide(session, note, code, Action.ADD)
        put(session, note, Field.ORDER, None, details.order([BYPASS, FEVER]))
        assert look(session, note).principal == FEVER


def test_nobody_is_promoted_when_the_principal_is_rejected(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        for code in (FEVER, COUGH):
            decide(session, note, code)
        put(session, note, Field.ORDER, None, details.order([FEVER, COUGH]))
        decide(session, note, FEVER, Action.REJECT)
        assert (codes(look(session, note)), look(session, note).principal) == ([COUGH], None)


def test_undo_brings_back_what_was_said_before_and_redo_says_it_again(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        put(session, note, Field.POA, FEVER, "Y")
        put(session, note, Field.POA, FEVER, "N")
        seen = []
        for step in (details.undo, details.undo, details.undo, details.redo, details.redo):
            step(session, note.id, coder="ana", token=str(uuid4()), seen=99, at=clock(9))
            seen.append(look(session, note).codes[0].poa)
        assert seen == ["Y", "", "", "Y", "N"]
        rows = details.of_note(session, note.id)
        assert [row.retracts for row in rows] == [False, False, True, True, False, False]


def test_an_undo_takes_back_one_s_own_words_only(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        put(session, note, Field.POA, FEVER, "Y", coder="ana")
        again = details.undo(session, note.id, coder="bob", token="t", seen=1, at=clock())
        assert again is None


def test_comments_of_two_people_stand_beside_each_other(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        put(session, note, Field.COMMENT, FEVER, "why?")
        put(session, note, Field.COMMENT, FEVER, "since Monday", coder="bob", seen=0)
        put(session, note, Field.COMMENT, FEVER, "why 😀?")
        put(session, note, Field.COMMENT, None, "a short stay")
        found = look(session, note)
        assert found.codes[0].comments == {"ana": "why 😀?", "bob": "since Monday"}
        assert found.comments == {"ana": "a short stay"}
        put(session, note, Field.COMMENT, FEVER, "")
        assert look(session, note).codes[0].comments == {"bob": "since Monday"}


def test_a_stale_change_is_a_conflict_that_names_who_and_when(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        put(session, note, Field.POA, FEVER, "Y", coder="bob")
        put(session, note, Field.COMMENT, FEVER, "mine", seen=0)  # another subject: no conflict
        when = "2026-01-02 03:00:00 UTC"
        what = f"POA indicator of ICD-10-CM R50.9 was changed by bob at {when}"
        with pytest.raises(Conflict, match=what):
            put(session, note, Field.POA, FEVER, "N", seen=0)


def test_a_token_writes_once(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        first = put(session, note, Field.POA, FEVER, "Y", token="same")
        assert put(session, note, Field.POA, FEVER, "Y", token="same") == first
        assert len(details.of_note(session, note.id)) == 1


@pytest.mark.parametrize(
    ("field", "code", "value", "why"),
    [
        (Field.POA, FEVER, "X", "is one of Y, N, U, W, 1, or blank"),
        (Field.POA, COUGH, "Y", "ICD-10-CM R05 is not among the codes"),
        (Field.POA, BYPASS, "Y", "only a diagnosis has a POA indicator"),
        (Field.ORDER, None, details.order([FEVER, COUGH]), "R05 is not among the codes"),
        (Field.ORDER, None, details.order([FEVER, FEVER]), "stands twice"),
        (Field.ORDER, None, "[1]", "no order of codes"),
        (Field.COMMENT, FEVER, "x" * 2001, "2,001 characters; 2,000 fit"),
    ],
)
def test_what_makes_no_sense_is_refused(
    engine: Engine, field: Field, code: Code | None, value: str, why: str
) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        for given in (FEVER, BYPASS):
            decide(session, note, given, Action.ADD)
        decide(session, note, COUGH, Action.REJECT)
        with pytest.raises(BadInput, match=why):
            put(session, note, field, code, value)


def test_a_comment_is_in_no_repr_because_it_may_quote_the_note(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        said = put(session, note, Field.COMMENT, FEVER, "Mrs Canary")
        assert "Canary" not in f"{said!r} {look(session, note)!r}"


def test_what_an_adjudicator_says_holds_before_what_the_first_coder_said(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        for code in (FEVER, COUGH):
            decide(session, note, code)
        put(session, note, Field.ORDER, None, details.order([FEVER, COUGH]))
        put(session, note, Field.POA, FEVER, "Y")
        third = {"coder": "cleo", "coding_pass": Pass.ADJUDICATED}
        put(session, note, Field.ORDER, None, details.order([COUGH, FEVER]), **third)
        assert look(session, note).principal == COUGH
        assert look(session, note, Pass.FIRST).principal == FEVER
        assert [each.poa for each in look(session, note).codes] == ["", "Y"]
