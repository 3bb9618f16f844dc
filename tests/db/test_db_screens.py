"""Screens: what a coder was shown can be rebuilt, and a refresh does not record it again."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput
from core.types import Evidence
from db import screens
from tests.db.desk import a_note, a_screen, clock, some_evidence, some_suggestions


def test_a_past_screen_is_rebuilt_from_its_record(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        screen_id = a_screen(session, a_note(session)).id
    engine.dispose()
    with db.unit_of_work(engine, write=False) as session:
        screen = screens.get(session, screen_id)
    assert tuple(shown.suggestion for shown in screen.suggestions) == some_suggestions().ranked
    assert [shown.rank for shown in screen.suggestions] == [1, 2, 1]  # within each task
    assert (screen.checkpoint, screen.checkpoint_hash) == ("marn", "c0ffee")
    assert screen.thresholds == {"icd": 0.5, "ccs": 0.25}
    assert (screen.truncated_at, screen.app_version) == (12, "0.1.0")
    assert (screen.coder, screen.shown_at) == ("ana", clock())
    assert (screen.memory, screen.coverage, screen.cut) == ("3 notes 5eed", None, None)


def test_a_refresh_shows_the_screen_that_is_there(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        first = a_screen(session, note)
    with db.unit_of_work(engine) as session:
        assert a_screen(session, note, at=5) == first


def test_another_coder_or_other_scores_are_another_screen(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        first = a_screen(session, note)
        other_coder = a_screen(session, note, coder="bob")
        suggestions = some_suggestions()
        nudged = replace(suggestions.ranked[0], probability=0.7500001)
        other_scores = screens.record(
            session,
            replace(suggestions, ranked=(nudged, *suggestions.ranked[1:])),
            note_id=note.id,
            coder="ana",
            checkpoint="marn",
            thresholds={"icd": 0.5, "ccs": 0.25},
            app_version="0.1.0",
            at=clock(1),
        )
        assert len({first.id, other_coder.id, other_scores.id}) == 3
        assert screens.latest(session, note.id, coder="ana") == other_scores
        assert screens.latest(session, note.id, coder="bob") == other_coder
        assert screens.latest(session, note.id, coder="eve") is None
        assert screens.latest(session, note.id) == other_scores, "whoever was shown it"


def test_other_decisions_in_memory_are_another_screen(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        first = a_screen(session, note)
        learned = screens.record(
            session,
            replace(some_suggestions(), memory="4 notes feed"),
            note_id=note.id,
            coder="ana",
            checkpoint="marn",
            thresholds={"icd": 0.5, "ccs": 0.25},
            app_version="0.1.0",
            at=clock(1),
        )
    assert learned.id != first.id
    assert learned.memory == "4 notes feed"


def test_each_coverage_has_a_screen_of_its_own(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        likely = a_screen(session, note)
        wide = a_screen(session, note, at=1, coverage=0.95, cut=0.0625)
        assert a_screen(session, note, at=2) == likely, "back again shows what is there"
        assert a_screen(session, note, at=3, coverage=0.95, cut=0.0625) == wide
        assert (wide.coverage, wide.cut) == (0.95, 0.0625)
        latest = {
            coverage: screens.latest(session, note.id, coder="ana", coverage=coverage)
            for coverage in (None, 0.8, 0.95)
        }
        assert latest == {None: likely, 0.8: None, 0.95: wide}
        assert screens.latest(session, note.id, coder="ana") == wide


def test_evidence_is_kept_in_the_order_it_was_shown(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        shown = a_screen(session, a_note(session)).suggestions[0]
        gradients = replace(some_evidence(method="integrated_gradients", score=0.5), delta=0.001)
        for minute, explanation in enumerate([some_evidence(), gradients, some_evidence()]):
            screens.record_explanation(
                session, explanation, suggestion_id=shown.id, at=clock(minute)
            )
    with db.unit_of_work(engine, write=False) as session:
        found = screens.explanations(session, shown.id)
    assert [each.method for each in found] == ["attention", "integrated_gradients", "attention"]
    assert [each.delta for each in found] == [None, 0.001, None]
    assert found[1].spans == (Evidence(20, 32, 0.5), Evidence(0, 5, 0.25))
    assert found[1].shown_at == clock(1)


def test_evidence_that_is_still_on_screen_is_not_kept_twice(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        shown = a_screen(session, a_note(session)).suggestions[0]
        first, again = (
            screens.record_explanation(
                session, some_evidence(), suggestion_id=shown.id, at=clock(minute)
            )
            for minute in (0, 1)
        )
        assert again == first
        assert len(screens.explanations(session, shown.id)) == 1


def test_evidence_of_another_code_is_refused(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        fever = a_screen(session, a_note(session)).suggestions[1]
    with pytest.raises(BadInput, match="is not of"), db.unit_of_work(engine) as session:
        screens.record_explanation(session, some_evidence(), suggestion_id=fever.id, at=clock())


def test_a_screen_that_is_not_there_is_named(engine: Engine) -> None:
    with pytest.raises(BadInput, match="no screen 5"), db.unit_of_work(engine) as session:
        screens.get(session, 5)
