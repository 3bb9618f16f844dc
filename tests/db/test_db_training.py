"""Training runs on record: one at a time, every step kept, and nothing said that cannot be."""

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput, Conflict
from db import training
from db.training import Step
from tests.db.desk import clock

ASKED = {"parent": "a" * 64, "until": "2026-01-02T03:00:00+00:00", "epochs": 5}


def _ask(engine: Engine, name: str = "first", by: str = "lea") -> training.Run:
    with db.unit_of_work(engine) as session:
        return training.ask(session, name, ASKED, by=by, at=clock())


def _say(engine: Engine, step: Step, name: str = "first", **said: str) -> training.Run:
    with db.unit_of_work(engine) as session:
        return training.append(session, name, step, by="lea", at=clock(1), **said)


def test_a_run_keeps_what_was_asked_and_what_became_of_it(engine: Engine) -> None:
    asked = _ask(engine)
    assert (asked.settings, asked.asked_by, asked.step) == (ASKED, "lea", Step.ASKED)
    _say(engine, Step.STARTED)
    done = _say(engine, Step.DONE, model="b" * 64)
    assert (done.settings, done.model, done.goes_on) == (ASKED, "b" * 64, False)
    with db.unit_of_work(engine, write=False) as session:
        assert training.every(session) == (done,)


def test_a_second_run_waits_until_the_first_is_over(engine: Engine) -> None:
    _ask(engine)
    with pytest.raises(Conflict, match="that lea asked for goes on"):
        _ask(engine, "second", by="leo")
    _say(engine, Step.STARTED)
    _say(engine, Step.CANCELLED)
    _ask(engine, "second")
    with pytest.raises(Conflict, match="goes on"):
        _say(engine, Step.RESUMED)
    with db.unit_of_work(engine, write=False) as session:
        assert [run.name for run in training.every(session)] == ["second", "first"]


@pytest.mark.parametrize("how", [Step.CANCELLED, Step.FAILED, None])
def test_what_was_cancelled_or_failed_or_killed_can_be_resumed(
    engine: Engine, how: Step | None
) -> None:
    _ask(engine)
    _say(engine, Step.STARTED)
    if how is not None:
        _say(engine, how, **({"reason": "the disk is full"} if how is Step.FAILED else {}))
    assert _say(engine, Step.RESUMED).goes_on


@pytest.mark.parametrize("last", [Step.DONE, Step.DISCARDED])
def test_what_is_over_stays_over(engine: Engine, last: Step) -> None:
    _ask(engine)
    _say(engine, Step.STARTED)
    _say(engine, last, **({"model": "b" * 64} if last is Step.DONE else {}))
    for step in (Step.RESUMED, Step.CANCELLED, Step.DISCARDED):
        with pytest.raises(Conflict, match=f"is {last} already"):
            _say(engine, step)


def test_a_run_nobody_asked_for_is_named(engine: Engine) -> None:
    with pytest.raises(BadInput, match="no training run 'first'"):
        _say(engine, Step.STARTED)
