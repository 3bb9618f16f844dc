"""What a note may teach is kept once for a checkpoint, replaced in its turn, and goes with it."""

from sqlalchemy import Engine

import db
from db import benefits, charts, tombstones
from db.benefits import Kept
from db.records import Turn
from tests.db.desk import FEVER, a_note, clock, decide


def _notes(engine: Engine, count: int) -> list[int]:
    with db.unit_of_work(engine) as session:
        return [a_note(session, name=f"n{i}", text=f"note {i}").id for i in range(count)]


def _keep(engine: Engine, *notes: int, memory: str = "", content: str = "{}") -> None:
    with db.unit_of_work(engine) as session:
        benefits.keep(
            session,
            [
                Kept(note_id=n, checkpoint_hash="c0", memory=memory, content=content, at=clock())
                for n in notes
            ],
        )


def _every(engine: Engine, checkpoint: str = "c0") -> dict[int, str]:
    with db.unit_of_work(engine, write=False) as session:
        return {each.note_id: each.content for each in benefits.every(session, checkpoint)}


def _waiting(engine: Engine, memory: str = "", limit: int = 9, at: int = 1) -> list[int]:
    with db.unit_of_work(engine, write=False) as session:
        found = benefits.waiting(session, "c0", memory=memory, before=clock(at), limit=limit)
        return list(found)


def test_what_is_kept_again_replaces_what_was_kept(engine: Engine) -> None:
    (note,) = _notes(engine, 1)
    _keep(engine, note, content="1")
    _keep(engine, note, content="2")
    assert _every(engine) == {note: "2"}
    assert _every(engine, "another checkpoint") == {}


def test_what_is_missing_comes_first_then_the_oldest_of_before(engine: Engine) -> None:
    one, two, three = _notes(engine, 3)
    _keep(engine, two, one, memory="before")
    assert _waiting(engine, memory="before") == [three]
    assert _waiting(engine, memory="now") == [three, two, one]
    assert _waiting(engine, memory="now", limit=2) == [three, two]
    assert _waiting(engine, memory="now", at=0) == [three], "the others are not old yet"


def test_a_chart_somebody_began_waits_no_longer(engine: Engine) -> None:
    opened, decided, gone, left = _notes(engine, 4)
    with db.unit_of_work(engine) as session:
        charts.record(session, opened, Turn.OPENED, coder="ana", at=clock())
        note = a_note(session, name="n1", text="note 1")
        decide(session, note, FEVER)
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, gone, by="lea", reason="asked", at=clock())
    assert note.id == decided
    assert _waiting(engine) == [left]
    with db.unit_of_work(engine, write=False) as session:
        assert benefits.not_begun(session) == {left}


def test_it_goes_with_its_note_and_is_not_kept_for_a_deleted_one(engine: Engine) -> None:
    note, other = _notes(engine, 2)
    _keep(engine, note, other)
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, note, by="lea", reason="asked", at=clock())
    assert _every(engine) == {other: "{}"}
    _keep(engine, note, other)  # it was being computed meanwhile
    assert _every(engine) == {other: "{}"}
