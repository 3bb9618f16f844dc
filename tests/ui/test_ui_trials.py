"""Trials: no list before the first one is submitted, and a wrong suggestion that goes nowhere."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

import db
from core.codes import CodeTables
from core.errors import BadInput
from core.types import Code, CodeSystem
from db import export, feedback, kinds, lessons
from db.export import Export, Format
from db.records import Action, Pass
from tests.ui.conftest import Clock, Desk
from ui.services.coding import Coding
from ui.services.history import History
from ui.services.intents import REASONS, Kind
from ui.services.trials import Reliance, Revealed, Trials

SIBLINGS = {"I10": ["I11.0", "I11.9"], "R50.9": ["R50.81"], "J18.9": ["J18.0"], "E11.9": ["E11.8"]}


def siblings(code: Code) -> list[Code]:
    return [Code(code.system, each) for each in SIBLINGS.get(code.code, ["R07.89", "I11.0"])]


@pytest.fixture
def trials(engine: Engine, tables: CodeTables, clock: Clock) -> Trials:
    return Trials(engine=engine, tables=tables, siblings=siblings, now=clock)


@pytest.fixture
def on_trial(coding: Coding, trials: Trials) -> Coding:
    return replace(coding, trials=trials)


def _desk(coding: Coding, note_id: int, coder: str = "ana") -> Desk:
    return Desk(coding=coding, opened=coding.open(note_id, coder=coder), coder=coder)


def _planted(desk: Desk) -> Code:
    """The one listed code that the model does not rank."""
    assert desk.opened.screen is not None
    assert desk.coding.coder is not None
    known = {code for space in desk.coding.coder.spaces.values() for code in space}
    (code,) = {each.suggestion.code for each in desk.opened.screen.suggestions} - known
    return code


def test_without_a_trial_nothing_is_withheld_or_planted(
    on_trial: Coding, coding: Coding, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    opened = on_trial.open(note_id, coder="ana")
    assert opened.screen is not None
    plain = coding.open(note_id, coder="bo").screen
    assert plain is not None
    assert [e.suggestion for e in opened.screen.suggestions] == [
        e.suggestion for e in plain.suggestions
    ]


def test_suggestions_are_withheld_until_the_first_list_is_submitted(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", blind_first=True)
    desk = _desk(on_trial, note_id)
    assert (desk.opened.screen, desk.chart().rows) == (None, ())
    assert desk.do(Kind.ADD, "I10") is None
    assert desk.do(Kind.ADD, "K35.80") is None
    assert on_trial.open(note_id, coder="bo").screen is not None, "others are not on trial"
    trials.submit(note_id, coder="ana")
    desk = _desk(on_trial, note_id)
    assert desk.opened.screen is not None
    assert desk.states()["I10"] == "added"
    desk.do(Kind.ACCEPT, "R50.9")
    desk.do(Kind.RETRACT, "K35.80")
    desk.do(Kind.FINISH)
    found = trials.reliance(coder="ana")
    assert (found.blind_charts, found.first_codes, found.added, found.removed) == (1, 2, 1, 1)
    assert found.changed_share == pytest.approx(1.0)
    assert found.accepted_share is None


def test_a_planted_suggestion_looks_like_its_sibling_and_is_on_record_as_planted(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int], engine: Engine
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", seeded=True)
    desk = _desk(on_trial, note_id)
    wrong = _planted(desk)
    assert desk.opened.screen is not None
    listed = [each.suggestion for each in desk.opened.screen.suggestions]
    place = [each.code for each in listed].index(wrong)
    real, planted = listed[place - 1], listed[place]
    assert wrong in siblings(real.code)
    assert (planted.probability, planted.source) == (real.probability, real.source)
    evidence = {code: each.spans for (code, _), each in desk.opened.explanations.items()}
    assert evidence[wrong] == evidence[real.code]
    assert desk.do(Kind.ACCEPT, wrong.code) is None
    shown = History(engine=engine).as_shown(1, by="eva")
    assert shown.suggestion is not None
    assert shown.seeded == {shown.suggestion.id}
    again = on_trial.open(note_id, coder="ana")
    assert again.screen == desk.opened.screen, "a refresh shows the same"


@pytest.mark.parametrize("kind", [Kind.ACCEPT, Kind.REJECT])
def test_what_is_decided_on_a_planted_suggestion_is_neither_learned_nor_exported(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int], engine: Engine, kind: Kind
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", seeded=True)
    desk = _desk(on_trial, note_id)
    wrong = _planted(desk)
    reason = REASONS[0] if kind is Kind.REJECT else None
    assert desk.do(kind, wrong.code, reason=reason) is None
    desk.do(Kind.FINISH)
    with db.unit_of_work(engine, write=False) as session:
        lesson = lessons.of_note(session, note_id)
        assert (lesson.note.codes, lesson.rejected) == (frozenset(), frozenset())
        assert list(lessons.every(session)) == []
        assert list(feedback.decided(session, history=True)) == []
        for each in (Format.CSV, Format.JSONL, Format.FHIR, Format.CORPUS):
            file = io.BytesIO()
            export.write(session, file, Export(format=each), at=on_trial.now())
            assert wrong.code.encode() not in file.getvalue()


def test_a_planted_suggestion_that_nobody_decided_on_is_no_undecided_code(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int], engine: Engine
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", seeded=True)
    desk = _desk(on_trial, note_id)
    where = kinds.Filter(kinds=frozenset({kinds.Kind.UNDECIDED}), finished=False)
    with db.unit_of_work(engine, write=False) as session:
        undecided = {row.code for row in feedback.decided(session, where=where)}
    shown = {code for code, state in desk.states().items() if state == "open"}
    assert {code.code for code in undecided} == shown - {_planted(desk).code}


def test_revealing_takes_back_what_was_accepted_and_shows_a_clean_list(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", seeded=True)
    desk = _desk(on_trial, note_id)
    wrong = _planted(desk)
    desk.do(Kind.ACCEPT, wrong.code)
    desk.do(Kind.ACCEPT, "R50.9")
    with pytest.raises(BadInput, match="this chart is not finished"):
        trials.reveal(note_id, coder="ana", by="lead")
    desk.do(Kind.FINISH)
    found = trials.reveal(note_id, coder="ana", by="lead")
    assert found == (Revealed(code=wrong, action=Action.ACCEPT),)
    clean = _desk(on_trial, note_id)
    assert wrong.code not in clean.states()
    assert clean.states()["R50.9"] == "accepted"
    assert trials.reliance(coder="ana") == Reliance(
        coder="ana",
        seeded=1,
        seeded_accepted=1,
        blind_charts=0,
        first_codes=0,
        added=0,
        removed=0,
    )


def test_a_coder_who_rejects_what_was_planted_relies_on_nothing(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    note_ids = [a_note(f"n{i}", f"Fever {i}.") for i in range(2)]
    trials.start(note_ids, coder="ana", by="lead", seeded=True)
    for note_id in note_ids:
        desk = _desk(on_trial, note_id)
        desk.do(Kind.REJECT, _planted(desk).code, reason=REASONS[0])
        desk.do(Kind.FINISH)
    assert trials.reliance(coder="ana").accepted_share == 0.0
    assert trials.reliance(coder="bo").seeded == 0


def test_a_second_coder_is_not_shown_what_was_planted_for_the_first(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    trials.start([note_id], coder="ana", by="lead", seeded=True)
    wrong = _planted(_desk(on_trial, note_id))
    second = replace(on_trial, coding_pass=Pass.SECOND).open(note_id, coder="bo")
    assert second.screen is not None
    assert wrong not in {each.suggestion.code for each in second.screen.suggestions}


def test_a_trial_starts_only_on_a_chart_its_coder_has_not_seen(
    on_trial: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    seen, fresh = a_note(), a_note("other", "Cough.")
    on_trial.open(seen, coder="ana")
    with pytest.raises(BadInput, match="ana has begun this chart"):
        trials.start([fresh, seen], coder="ana", by="lead", blind_first=True, seeded=True)
    assert not trials.withheld(fresh, coder="ana"), "all or nothing"
    with pytest.raises(BadInput, match="no first list was asked for"):
        trials.submit(fresh, coder="ana")


def test_a_code_that_is_not_billable_or_that_the_model_believes_is_not_planted(
    coding: Coding, trials: Trials, a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    header = Code(CodeSystem.ICD10CM, "I11")
    believed = Code(CodeSystem.ICD10CM, "R50.9")
    odd = replace(trials, siblings=lambda _: [header, believed])
    odd.start([note_id], coder="ana", by="lead", seeded=True)
    opened = replace(coding, trials=odd).open(note_id, coder="ana")
    assert opened.screen is not None
    assert header not in {each.suggestion.code for each in opened.screen.suggestions}
