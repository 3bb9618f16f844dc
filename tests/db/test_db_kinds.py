"""What became of each code, apart from one another, and only what was asked for."""

from datetime import date

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadSettings
from core.types import CodeSystem, Suggestion, Suggestions
from db import charts, screens
from db.counting import Counts, corpus_counts, counts, occurring
from db.feedback import Feedback, decided
from db.kinds import DECIDED, EVERYTHING, Filter, Kind, days
from db.records import Action, Turn
from tests.db.desk import COUGH, FEVER, PRESSURE, a_note, a_screen, clock, decide

EVERY_KIND = DECIDED | {Kind.UNDECIDED}
ALL = Filter(finished=False, kinds=EVERY_KIND)


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """Two charts, the first finished.

    one: ana accepts I10 and adds R05, which no list has. R50.9 is on the list and left alone.
    two: bob was shown the list; ana, without one, adds R50.9 from it, and rejects I10.
    """
    with db.unit_of_work(engine) as session:
        one, two = a_note(session, name="one", text="1"), a_note(session, name="two", text="2")
        first = a_screen(session, one)
        pressure = first.suggestions[0]
        decide(session, one, PRESSURE, at=1, screen_id=first.id, suggestion_id=pressure.id)
        decide(session, one, COUGH, Action.ADD, at=2, screen_id=first.id)
        charts.record(session, one.id, Turn.FINISHED, coder="ana", at=clock(3))
        a_screen(session, two, coder="bob", at=4)
        decide(session, two, FEVER, Action.ADD, at=5)
        decide(session, two, PRESSURE, Action.REJECT, at=24 * 60, coder="bob")
    return engine


def _found(engine: Engine, where: Filter, *, history: bool = False) -> list[Feedback]:
    with db.unit_of_work(engine, write=False) as session:
        return list(decided(session, where=where, history=history))


def _told(rows: list[Feedback]) -> list[tuple[str, str, str]]:
    return [(row.note_id, row.code.code, row.kind.value) for row in rows]


def test_every_code_is_of_one_kind(desk: Engine) -> None:
    assert _told(_found(desk, ALL)) == [
        ("one", "I10", "accepted"),
        ("one", "R05", "never shown"),
        ("one", "R50.9", "undecided"),
        ("two", "R50.9", "added"),
        ("two", "I10", "rejected"),
    ]


def test_an_undecided_code_carries_what_was_shown_and_nobodys_name(desk: Engine) -> None:
    (row,) = _found(desk, Filter(kinds=frozenset({Kind.UNDECIDED})))
    assert (row.decision, row.coder, row.time, row.sequence) == (None, None, None, None)
    assert (row.score, row.rank, row.checkpoint, row.stands) == (0.5, 2, "c0ffee", False)


def test_a_code_added_before_any_list_showed_it_was_never_shown(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, Action.ADD, at=1)
        a_screen(session, note, at=2)
    (row,) = _found(engine, EVERYTHING)
    assert row.kind is Kind.NEVER_SHOWN


def test_a_decision_taken_back_leaves_the_code_undecided(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        a_screen(session, note)
        accepted = decide(session, note, PRESSURE)
        decide(session, note, PRESSURE, Action.RETRACT, at=2, replaces=accepted.id)
    assert {(row.code, row.kind) for row in _found(engine, ALL)} == {
        (PRESSURE, Kind.UNDECIDED),
        (FEVER, Kind.UNDECIDED),
    }


def test_an_undecided_code_of_two_lists_comes_once_as_last_shown(engine: Engine) -> None:
    ranked = (Suggestion(code=FEVER, title="Fever", task="icd", probability=0.25),)
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        a_screen(session, note)
        again = Suggestions(note_id="1", checkpoint="beef", truncated_at=None, ranked=ranked)
        screens.record(
            session, again, note_id=note.id, coder="bob", checkpoint="x", thresholds={},
            app_version="1", at=clock(1),
        )  # fmt: skip
    told = [(row.code.code, row.score, row.checkpoint) for row in _found(engine, ALL)]
    assert told == [("I10", 0.75, "c0ffee"), ("R50.9", 0.25, "beef")]


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        (Filter(), ["I10", "R05"]),
        (EVERYTHING, ["I10", "R05", "R50.9", "I10"]),
        (Filter(finished=False, coder="bob"), ["I10"]),
        (Filter(finished=False, kinds=frozenset({Kind.REJECTED, Kind.ADDED})), ["R50.9", "I10"]),
        (Filter(finished=False, kinds=frozenset({Kind.NEVER_SHOWN})), ["R05"]),
        (Filter(finished=False, checkpoint="c0ff"), ["I10", "R05"]),
        (Filter(finished=False, checkpoint="c_ff"), []),
        (Filter(finished=False, systems=frozenset({CodeSystem.ICD9CM})), []),
        (Filter(finished=False, **days(date(2026, 1, 3), None)), ["I10"]),
        (Filter(finished=False, **days(None, date(2026, 1, 2))), ["I10", "R05", "R50.9"]),
        (Filter(finished=False, since=clock(2), until=clock(5)), ["R05"]),
        (Filter(finished=False, coder="ana", kinds=EVERY_KIND), ["I10", "R05", "R50.9", "R50.9"]),
        (Filter(finished=False, coder="cleo", kinds=EVERY_KIND), []),
    ],
)
def test_a_filter_leaves_what_was_asked_for_and_the_count_says_so_before(
    desk: Engine, where: Filter, codes: list[str]
) -> None:
    rows = _found(desk, where)
    assert [row.code.code for row in rows] == codes
    with db.unit_of_work(desk, write=False) as session:
        counted = counts(session, where=where)
    assert counted.codes == len(rows)
    assert counted.notes == len({row.note for row in rows})
    assert dict(counted.kinds) == {
        kind: sum(row.kind is kind for row in rows) for kind in {row.kind for row in rows}
    }


def test_the_count_reads_as_a_sentence() -> None:
    kinds = {Kind.REJECTED: 12, Kind.ACCEPTED: 1300}
    assert str(Counts(kinds=kinds, notes=41)) == (
        "1,312 codes of 41 charts: 1,300 accepted, 12 rejected"
    )
    assert str(Counts(kinds={Kind.ADDED: 1}, notes=1)) == "1 code of 1 chart: 1 added"
    assert str(Counts(kinds={}, notes=0)) == "0 codes of 0 charts"


def test_a_corpus_counts_positive_codes_and_charts_without_any(desk: Engine) -> None:
    with db.unit_of_work(desk) as session:
        clean = a_note(session, name="clean", text="nothing to code")
        charts.record(session, clean.id, Turn.FINISHED, coder="ana", at=clock(9))
    with db.unit_of_work(desk, write=False) as session:
        assert str(corpus_counts(session)) == ("2 codes of 2 charts: 1 accepted, 1 never shown")


def test_what_there_is_to_filter_by_is_what_occurs(desk: Engine) -> None:
    with db.unit_of_work(desk, write=False) as session:
        found = occurring(session)
    assert (found.coders, found.systems) == (("ana", "bob"), (CodeSystem.ICD10CM,))
    assert found.checkpoints == (("c0ffee", "marn"),)


def test_progress_counts_the_notes(desk: Engine) -> None:
    told = []
    with db.unit_of_work(desk, write=False) as session:
        list(decided(session, progress=lambda done, of: told.append((done, of))))
    assert told == [(2, 2)]


def test_days_that_run_backwards_are_refused() -> None:
    with pytest.raises(BadSettings, match="swap the dates"):
        Filter(**days(date(2026, 1, 3), date(2026, 1, 2)))
