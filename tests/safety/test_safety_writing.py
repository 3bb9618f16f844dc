"""Nothing acknowledged is lost and nothing is overwritten unseen, each shown with its protection
and, in a copy, without it: then the same trial finds the loss."""

import pytest
from sqlalchemy import Engine

import db
from core.errors import Conflict
from db import decisions
from db.records import Action
from tests.db.conftest import on_postgresql
from tests.db.desk import FEVER, a_draft, a_note, clock, decide
from tests.postgres import Server
from tests.safety.trials import (
    killed_servers,
    killed_writers,
    read_modify_write,
    simulated_coders,
    writers_at_once,
)
from tests.safety.worker import EARLY, UNLOCKED


def test_processes_that_read_and_write_back_lose_nothing(engine: Engine) -> None:
    found = read_modify_write(engine, processes=3, times=25)
    assert (found.lost, found.errors) == (0, [])


def test_processes_that_decide_at_once_lose_and_repeat_no_sequence(engine: Engine) -> None:
    found = writers_at_once(engine, processes=3, times=20)
    assert (found.lost, found.errors) == (0, [])


def test_without_the_write_lock_the_same_processes_lose_updates(engine: Engine) -> None:
    found = read_modify_write(engine, processes=3, times=50, weakness=UNLOCKED)
    assert found.lost > 0


def test_a_killed_writer_loses_nothing_it_acknowledged(engine: Engine) -> None:
    found = killed_writers(engine, runs=2)
    assert found.acknowledged >= 2
    assert (found.lost, found.damaged, found.fault) == (0, 0, None)


def test_acknowledged_before_it_is_committed_a_decision_is_lost(engine: Engine) -> None:
    assert killed_writers(engine, runs=2, weakness=EARLY).lost > 0


@on_postgresql
def test_a_killed_server_loses_nothing_it_acknowledged(engine: Engine, server: Server) -> None:
    found = killed_servers(engine, server, runs=2)
    assert found.acknowledged >= 2
    assert (found.lost, found.damaged, found.fault) == (0, 0, None)


def _stale_edit(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="bob")
        stale = a_draft(note, FEVER, Action.REJECT)
        decisions.append(session, stale, seen=0, at=clock(2))


def test_a_stale_edit_is_a_conflict(engine: Engine) -> None:
    with pytest.raises(Conflict, match="accepted by bob"):
        _stale_edit(engine)


def test_without_the_check_a_stale_edit_overrules_somebody_unseen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "_refuse_stale", lambda *args, **names: None)
    _stale_edit(engine)  # no conflict


def test_coders_at_work_meet_no_error(engine: Engine) -> None:
    found = simulated_coders(engine, coders=8, seconds=1.5, pause=0.05)
    assert found.decided > 8
    assert (found.errors, found.fault) == ([], None)
