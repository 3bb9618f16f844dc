"""What a candidate would have listed is kept beside what was listed, and reaches nobody."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

import db
from core.errors import BadInput
from db import notes, shadow, tombstones, trials
from db.records import Screen
from db.schema import downgrade
from db.shadow_tables import ShadowCodeRow, ShadowListRow
from db.tables import TrailRow
from db.trials import TrialKind
from db.verify import verify
from tests.db.desk import COUGH, FEVER, PRESSURE, a_note, a_screen, clock, decide
from tests.db.filling import a_shadow_list

NOW, NEXT = "c0ffee", "dec0de"


def kept(engine: Engine, note_id: int, screen: Screen, *, candidate: str = NEXT) -> bool:
    with db.unit_of_work(engine) as session:
        return shadow.record(
            session,
            note_id,
            screen_id=screen.id,
            in_use=a_shadow_list(NOW, PRESSURE, FEVER),
            candidate=a_shadow_list(candidate, COUGH, PRESSURE, memory="m"),
            at=clock(),
        )


def a_shown_note(engine: Engine, name: str = "letter", **screen: object) -> tuple[int, Screen]:
    with db.unit_of_work(engine) as session:
        note = a_note(session, name=name, text=f"Fever in {name}.")
        return note.id, a_screen(session, note, **screen)


def found(engine: Engine, candidate: str = NEXT) -> list[shadow.Pair]:
    with db.unit_of_work(engine, write=False) as session:
        return list(shadow.pairs(session, in_use=NOW, candidate=candidate))


def test_both_lists_come_back_as_they_were_kept(engine: Engine) -> None:
    note_id, screen = a_shown_note(engine)
    assert kept(engine, note_id, screen)
    (pair,) = found(engine)
    assert pair.note_id == note_id
    assert pair.in_use == a_shadow_list(NOW, PRESSURE, FEVER)
    assert pair.candidate == a_shadow_list(NEXT, COUGH, PRESSURE, memory="m")
    assert list(pair.candidate.codes) == [COUGH, PRESSURE]


def test_a_screen_is_kept_once_for_each_candidate(engine: Engine) -> None:
    note_id, screen = a_shown_note(engine)
    assert [kept(engine, note_id, screen) for _ in range(2)] == [True, False]
    assert kept(engine, note_id, screen, candidate="f00d")
    assert len(found(engine)) == len(found(engine, "f00d")) == 1
    with db.unit_of_work(engine, write=False) as session:
        assert len(session.scalars(select(ShadowListRow)).all()) == 3


def test_of_several_screens_of_a_note_the_first_counts(engine: Engine) -> None:
    note_id, first = a_shown_note(engine)
    with db.unit_of_work(engine) as session:
        note = notes.get(session, note_id)
        second = a_screen(session, note, coder="bo")
    assert first.id != second.id
    kept(engine, note_id, first)
    with db.unit_of_work(engine) as session:
        shadow.record(
            session,
            note_id,
            screen_id=second.id,
            in_use=a_shadow_list(NOW, FEVER),
            candidate=a_shadow_list(NEXT, FEVER),
            at=datetime(2030, 1, 1, tzinfo=UTC),
        )
    (pair,) = found(engine)
    assert list(pair.candidate.codes) == [COUGH, PRESSURE]


def test_charts_on_trial_are_counted_and_left_out(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        tried = a_note(session, name="tried", text="Fever tried.")
        trials.record(session, tried.id, TrialKind.SEEDED, coder="ana", by="lead", at=clock())
        screen = a_screen(session, tried)
    kept(engine, tried.id, screen)
    kept(engine, *a_shown_note(engine))
    assert [pair.note_id for pair in found(engine)] != [tried.id]
    assert len(found(engine)) == 1
    with db.unit_of_work(engine, write=False) as session:
        assert shadow.counted(session, in_use=NOW, candidate=NEXT) == (2, 1)


def test_they_are_in_the_trail_with_their_codes(engine: Engine) -> None:
    kept(engine, *a_shown_note(engine))
    with db.unit_of_work(engine, write=False) as session:
        kinds = list(session.scalars(select(TrailRow.kind).order_by(TrailRow.sequence)))
    assert kinds[-2:] == ["shadow_lists", "shadow_lists"]
    assert verify(engine).fault is None


def test_deleting_a_note_leaves_codes_and_no_pair(engine: Engine) -> None:
    note_id, screen = a_shown_note(engine)
    kept(engine, note_id, screen)
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, note_id, by="lead", reason="request 7", at=clock())
    assert found(engine) == []
    with db.unit_of_work(engine, write=False) as session:
        assert len(session.scalars(select(ShadowCodeRow)).all()) == 4
    assert not kept(engine, note_id, screen, candidate="late")
    assert verify(engine).fault is None


def test_going_back_is_refused_while_there_are_such_lists(engine: Engine) -> None:
    kept(engine, *a_shown_note(engine))
    with pytest.raises(BadInput, match="ran as a shadow"):
        downgrade(engine, to="0012")


def test_it_is_known_which_notes_were_decided_on_since(engine: Engine) -> None:
    def since(entry: int | None) -> tuple[list[int], int]:
        with db.unit_of_work(engine, write=False) as session:
            return shadow.decided_since(session, entry)

    with db.unit_of_work(engine) as session:
        one, other = (a_note(session, name=name, text=f"Fever {name}.") for name in "ab")
        decide(session, one, FEVER)
    changed, last = since(None)
    assert (changed, since(last)) == ([], ([], last))
    with db.unit_of_work(engine) as session:
        decide(session, other, FEVER)
        decide(session, other, PRESSURE)
    assert since(last)[0] == [other.id]
    assert since(0)[0] == [one.id, other.id]
    assert since(since(last)[1])[0] == []
