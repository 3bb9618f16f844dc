"""The audit trail: an entry for each record, and whatever is done behind its back is named."""

import re
from datetime import date

import pytest
from sqlalchemy import Engine, func, insert, inspect, select, update
from sqlalchemy.exc import StatementError

import db
from core.errors import BadFile
from db import trail
from db.heads import Head
from db.schema import downgrade
from db.tables import Base, TrailRow
from db.trail import RECORDS, link, sealed_records
from db.verify import Damage, verify, walk
from tests.db.conftest import on_sqlite
from tests.db.desk import FEVER, a_note, clock, decide
from tests.db.filling import bury, fill
from tests.db.tampering import a_day_at_the_desk, other, rewrite_trail, tamper, unguarded

GOLDEN = {  # the first digits of each first record's hash
    "chart_events": "f7afd7991b0b",
    "decisions": "2352b75b1f34",
    "explanations": "8cc1bcbb70ea",
    "notes": "0eea78d9f874",
    "screens": "673c2b73b070",
}
# nobody's record: rows come and go
UNCHAINED = {"benefits", "computed_evidence", "logins", "login_failures"}
KINDS = ["notes", "chart_events", "screens", "explanations", "decisions", "decisions"]


@pytest.fixture
def desk(engine: Engine) -> Engine:
    with db.unit_of_work(engine) as session:
        a_day_at_the_desk(session)
    return engine


def test_every_record_has_an_entry_in_the_order_it_was_added(desk: Engine) -> None:
    with db.unit_of_work(desk, write=False) as session:
        entries = session.scalars(select(TrailRow).order_by(TrailRow.sequence)).all()
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.kind for entry in entries] == KINDS
    assert [entry.at for entry in entries] == [clock()] * 4 + [clock(1), clock(2)]
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    verdict = verify(desk)
    assert (verdict.entries, verdict.hash, verdict.fault) == (6, entries[-1].hash, None)


def test_the_hashes_are_the_same_on_both_engines_and_for_good(desk: Engine) -> None:
    """Computed once and written down: a change here is a change nobody's old trail survives."""
    with desk.connect() as connection:
        first = {RECORDS[place].kind: list(sealed_records(connection, place)) for place in range(5)}
    assert {kind: sealed[0].content[:12] for kind, sealed in first.items()} == GOLDEN


def test_what_is_hashed_has_one_form() -> None:
    content = {"b": 0.1, "a": "é", "at": clock(), "day": date(1931, 2, 3), "parts": [{"id": 1}]}
    assert trail._canonical(content) == (
        '{"a":"\\u00e9","at":"2026-01-02T03:00:00.123456+00:00","b":0.1,"day":"1931-02-03",'
        '"parts":[{"id":1}]}'
    )


def test_what_is_rolled_back_leaves_no_entry(desk: Engine) -> None:
    def spill() -> None:
        with db.unit_of_work(desk) as session:
            a_note(session, name="second", text="Another note.")
            session.flush()
            raise RuntimeError("coffee on the keyboard")

    with pytest.raises(RuntimeError, match="coffee"):
        spill()
    with db.unit_of_work(desk) as session:
        third = a_note(session, name="third", text="A third note.")
        savepoint = session.begin_nested()
        decide(session, third, FEVER)
        savepoint.rollback()
    verdict = verify(desk)
    assert (verdict.entries, verdict.fault) == (7, None)


def test_every_table_is_chained_or_known_not_to_be() -> None:
    chained = {record.kind for record in RECORDS}
    parts = {part.__tablename__ for record in RECORDS for part, _ in record.parts}
    assert Base.metadata.tables.keys() - chained - parts == {"trail", *UNCHAINED}


TAMPERED: dict[str, tuple[list[str], Damage, str]] = {
    "a letter of a note": (
        ["UPDATE notes SET text = replace(text, 'Fever', 'Fewer')"],
        Damage.CHANGED,
        r"entry 1 \(notes row 1\), the record",
    ),
    "a score": (
        ["UPDATE suggestions SET probability = 0.76 WHERE rank = 1 AND task = 'icd'"],
        Damage.CHANGED,
        r"entry 3 \(screens row 1\), the record",
    ),
    "who decided": (
        ["UPDATE decisions SET coder = 'eve' WHERE sequence = 2"],
        Damage.CHANGED,
        r"entry 6 \(decisions row 2\), the record",
    ),
    "a marked span taken away": (
        ["DELETE FROM marks"],
        Damage.CHANGED,
        r"entry 5 \(decisions row 1\), the record",
    ),
    "a span marked in their name": (
        ['INSERT INTO marks (decision_id, "start", "end") VALUES (2, 0, 5)'],
        Damage.CHANGED,
        r"entry 6 \(decisions row 2\), the record",
    ),
    "a record taken away": (
        ["DELETE FROM chart_events"],
        Damage.MISSING,
        r"entry 2 \(chart_events row 1\), the record",
    ),
    "a record put in": (
        [
            "INSERT INTO chart_events (note_id, coder, turn, at) "
            "SELECT note_id, coder, 'finished', at FROM chart_events"
        ],
        Damage.INSERTED,
        "chart_events row 2, which no entry",
    ),
    "two records swapped": (
        [
            "UPDATE decisions SET id = id + 100",
            "UPDATE decisions SET id = 103 - id + 0 WHERE id > 100",
        ],
        Damage.CHANGED,
        r"entry 5 \(decisions row 1\), the record",
    ),
    "an entry's time": (
        ["UPDATE trail SET at = '2026-01-02 04:00:00.000000+00:00' WHERE sequence = 3"],
        Damage.CHANGED,
        r"entry 3 \(screens row 1\), its entry",
    ),
    "an entry taken away": (
        ["DELETE FROM trail WHERE sequence = 3"],
        Damage.MISSING,
        "entry 3 of the trail",
    ),
    "an entry taken away and the gap closed": (
        [
            "DELETE FROM trail WHERE sequence = 3",
            "UPDATE trail SET sequence = 3 WHERE sequence = 4",
            "UPDATE trail SET sequence = 4 WHERE sequence = 5",
            "UPDATE trail SET sequence = 5 WHERE sequence = 6",
        ],
        Damage.MISSING,
        r"an entry between 2 and entry 3 \(explanations row 1\)",
    ),
    "two entries swapped": (
        [
            "UPDATE trail SET sequence = 99 WHERE sequence = 3",
            "UPDATE trail SET sequence = 3 WHERE sequence = 4",
            "UPDATE trail SET sequence = 4 WHERE sequence = 99",
        ],
        Damage.REORDERED,
        r"entry 3 \(explanations row 1\) follows 4",
    ),
    "the end cut off, the records left": (
        ["DELETE FROM trail WHERE sequence >= 5"],
        Damage.INSERTED,
        "decisions row 1, which no entry",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_done_behind_the_back_is_named(desk: Engine, what: str) -> None:
    statements, damage, place = TAMPERED[what]
    tamper(desk, statements)
    fault = verify(desk).fault
    assert fault is not None
    assert fault.damage is damage
    assert re.match(place, fault.place), fault.place


def test_an_entry_forged_into_the_chain_is_named(desk: Engine) -> None:
    """It follows the third and names a record of its own; the old fourth follows the third too."""
    with unguarded(desk) as connection:
        trail_table = Base.metadata.tables["trail"]
        third = connection.execute(select(trail_table).where(trail_table.c.sequence == 3)).one()
        for sequence in (6, 5, 4):
            old = update(trail_table).where(trail_table.c.sequence == sequence)
            connection.execute(old.values(sequence=sequence + 1))
        connection.exec_driver_sql(
            "INSERT INTO chart_events (note_id, coder, turn, at) "
            "SELECT note_id, coder, 'finished', at FROM chart_events"
        )
        (_, sealed) = sealed_records(connection, 1)
        said = {"at": sealed.at, "kind": "chart_events", "row_id": 2, "content": sealed.content}
        digest = link(previous=third.hash, **said)
        forged = {"sequence": 4, "previous": third.hash, "hash": digest, **said}
        connection.execute(insert(trail_table), [forged])
    fault = verify(desk).fault
    assert fault is not None
    assert (fault.damage, fault.place) == (Damage.INSERTED, "entry 4 of the trail")


@on_sqlite
def test_any_cell_of_any_record_or_entry_that_changes_is_found(engine: Engine) -> None:
    """Every column of every row of every chained table, changed as little as can be."""
    with db.unit_of_work(engine) as session:
        fill(session)
    bury(engine)
    tried, missed = 0, []
    for table in [*Base.metadata.tables.values()]:
        if table.name in UNCHAINED:
            continue
        (key,) = table.primary_key
        with engine.connect() as connection:
            rows = connection.execute(select(table)).all()
        assert rows, table.name
        for row, column in ((row, column) for row in rows for column in table.columns):
            with unguarded(engine) as connection:
                try:
                    with connection.begin_nested():
                        cell = update(table).where(key == getattr(row, key.name))
                        value = other(getattr(row, column.name))
                        connection.execute(cell.values({column: value}))
                except (StatementError, TypeError):
                    connection.rollback()
                    continue  # not even then does the database take it
                tried += 1
                if walk(connection).fault is None:
                    missed.append((table.name, column.name))
                connection.rollback()
    assert tried > 90
    assert missed == []


def _head(engine: Engine) -> Head:
    verdict = verify(engine)
    return Head(sequence=verdict.entries, hash=verdict.hash, signed_at=clock(9))


CUT = [
    "DELETE FROM trail WHERE sequence = 6",
    "DELETE FROM decisions WHERE sequence = 2",
]


def test_a_trail_cut_off_with_its_records_is_found_by_a_head_alone(desk: Engine) -> None:
    head = _head(desk)
    tamper(desk, CUT)
    assert verify(desk).fault is None, "the rest is a trail like any other"
    fault = verify(desk, head=head).fault
    assert fault is not None
    assert fault.damage is Damage.TRUNCATED
    assert "ends at entry 5, but 6 were there" in fault.place


def test_a_trail_written_anew_is_found_by_a_head_alone(desk: Engine) -> None:
    head = _head(desk)
    with db.unit_of_work(desk) as session:
        decide(session, db.notes.get(session, 1), FEVER)
    assert verify(desk, head=head).fault is None, "more may come after it was signed"
    with unguarded(desk) as connection:
        connection.exec_driver_sql("UPDATE decisions SET coder = 'eve' WHERE sequence = 2")
        decisions = [sealed.content for sealed in sealed_records(connection, 4)]
        table = Base.metadata.tables["trail"]
        sixth = update(table).where(table.c.sequence == 6)
        connection.execute(sixth.values(content=decisions[1]))
        rewrite_trail(connection, since=6)
    assert verify(desk).fault is None, "all hashes fit again"
    fault = verify(desk, head=head).fault
    assert fault is not None
    assert (fault.damage, fault.place[:40]) == (
        Damage.CHANGED,
        "the trail up to entry 6 (decisions row 2"[:40],
    )


def test_a_column_added_later_changes_no_hash_before_it(desk: Engine) -> None:
    with desk.connect() as connection:
        columns = {name: set(table.columns.keys()) for name, table in Base.metadata.tables.items()}
        with_it = [sealed.content for sealed in sealed_records(connection, 4, columns=columns)]
        columns["decisions"].remove("reason")  # NULL in every row here
        assert [x.content for x in sealed_records(connection, 4, columns=columns)] == with_it


def test_records_from_before_the_trail_are_chained_when_it_comes(desk: Engine) -> None:
    downgrade(desk, to="0003")
    assert not inspect(desk).has_table("trail")
    with pytest.raises(BadFile, match="no audit trail yet"):
        verify(desk)
    db.migrate(desk)
    verdict = verify(desk)
    assert (verdict.entries, verdict.fault) == (6, None)
    with db.unit_of_work(desk, write=False) as session:
        assert list(session.scalars(select(TrailRow.kind).order_by(TrailRow.sequence))) == KINDS


def test_without_the_trail_the_same_tampering_goes_unseen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken out: nothing is chained, and nothing is compared."""
    monkeypatch.setattr(trail, "append", lambda *_: None)
    monkeypatch.setattr("db.verify.RECORDS", ())
    with db.unit_of_work(engine) as session:
        a_day_at_the_desk(session)
    tamper(engine, TAMPERED["who decided"][0])
    assert verify(engine).fault is None
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(TrailRow)) == 0
