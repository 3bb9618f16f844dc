"""The audit trail: one entry for each record that is added, chained by hashes to all before it.

An entry holds the hash of its record as the database keeps it, parts included (a screen with its
suggestions), the hash of the entry before it, and a hash over both. It is written in the record's
own transaction (`db.engine.unit_of_work`). `db.verify` walks the chain, `db.heads` signs its end.

A table of records joins the trail by a line in RECORDS.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, DefaultClause, Select, event, insert, inspect, select
from sqlalchemy.orm import Session

from db.account_tables import AccountEventRow, UserRow
from db.erasure_tables import ErasedRow, TombstoneRow
from db.model_tables import ModelEventRow, ModelRow
from db.phrase_tables import PhraseEventRow
from db.shadow_tables import ShadowCodeRow, ShadowListRow
from db.tables import (
    Base,
    ChartEventRow,
    DecisionRow,
    EvidenceRow,
    ExplanationRow,
    MarkRow,
    NoteRow,
    SaidRow,
    ScreenRow,
    SuggestionRow,
    TrailRow,
)
from db.training_tables import TrainingEventRow
from db.workflow_tables import (
    AuditRow,
    AuditTurnRow,
    DetailRow,
    FindingRow,
    SeedRow,
    TrialEventRow,
    WorkEventRow,
)

START = "0" * 64  # what the first entry follows
_CHUNK = 500  # keeps the IN lists short
_STREAM = 2_000  # rows read at a time; keeps memory flat

Key = tuple[int, int]  # place of the record in RECORDS, id of its row
Values = dict[str, Any]  # Any: whatever the columns hold


@dataclass(frozen=True)
class Record:
    """A chained table: the column that says when, and the tables of its parts.

    A part names its record in the given column. Both are written in one transaction; a column
    that is added later needs a default or NULL.
    """

    row: type[Base]
    time: str
    parts: tuple[tuple[type[Base], str], ...] = ()

    @property
    def kind(self) -> str:
        return str(self.row.__tablename__)


RECORDS = (  # parents first
    Record(NoteRow, "created_at"),
    Record(ChartEventRow, "at"),
    Record(ScreenRow, "shown_at", parts=((SuggestionRow, "screen_id"),)),
    Record(ExplanationRow, "shown_at", parts=((EvidenceRow, "explanation_id"),)),
    Record(DecisionRow, "decided_at", parts=((MarkRow, "decision_id"),)),
    Record(SaidRow, "said_at"),
    Record(WorkEventRow, "at"),
    Record(DetailRow, "at"),
    Record(AuditRow, "at"),
    Record(FindingRow, "at"),
    Record(AuditTurnRow, "at"),
    Record(TrialEventRow, "at"),
    Record(SeedRow, "at"),
    Record(UserRow, "created_at"),
    Record(AccountEventRow, "at"),
    Record(ModelRow, "at"),
    Record(ModelEventRow, "at"),
    Record(TrainingEventRow, "at"),
    Record(TombstoneRow, "at", parts=((ErasedRow, "tombstone_id"),)),
    Record(ShadowListRow, "scored_at", parts=((ShadowCodeRow, "list_id"),)),
    Record(PhraseEventRow, "at"),
)
_PLACES = {record.row: place for place, record in enumerate(RECORDS)}


class Sealed(NamedTuple):
    """A record as the database keeps it: its row, its own time, and the hash of its content."""

    row_id: int
    at: datetime
    content: str


def watch(session: Session) -> list[Key]:
    """The records this session adds from now on; filled as they are flushed."""
    added: list[Key] = []

    def collect(flushed: Session, _context: object) -> None:
        new = (row for row in flushed.new if type(row) in _PLACES)
        added.extend(sorted((_PLACES[type(row)], row.id) for row in new))

    event.listen(session, "after_flush", collect)
    return added


def append(connection: Connection, added: Iterable[Key]) -> None:
    """Write an entry for each of these records; one that a savepoint took back is passed over."""
    keys = list(dict.fromkeys(added))
    if not keys:
        return
    found: dict[Key, Sealed] = {}
    for place, group in groupby(sorted(keys), key=itemgetter(0)):
        ids = [row_id for _, row_id in group]
        for first in range(0, len(ids), _CHUNK):
            for sealed in sealed_records(connection, place, ids=ids[first : first + _CHUNK]):
                found[place, sealed.row_id] = sealed
    _write(connection, [(RECORDS[key[0]].kind, found[key]) for key in keys if key in found])


def adopt(connection: Connection) -> None:
    """Write entries for all records that have none, oldest first. For migrations alone.

    Reads only the tables and columns that are there at this point of the migrations.
    """
    columns = present(connection)
    chained = select(TrailRow.kind, TrailRow.row_id)
    known = {(kind, row_id) for kind, row_id in connection.execute(chained)}
    found = [
        (sealed.at, place, sealed)
        for place, record in enumerate(RECORDS)
        if record.kind in columns
        for sealed in sealed_records(connection, place, columns=columns)
        if (record.kind, sealed.row_id) not in known
    ]
    found.sort(key=lambda each: (each[0], each[1], each[2].row_id))
    _write(connection, [(RECORDS[place].kind, sealed) for _, place, sealed in found])


def present(connection: Connection) -> Mapping[str, frozenset[str]]:
    """Table -> its columns, as the database has them: an older schema has fewer."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    return {
        name: frozenset(column["name"] for column in inspector.get_columns(name))
        for name in Base.metadata.tables
        if name in there
    }


def sealed_records(
    connection: Connection,
    place: int,
    *,
    ids: Sequence[int] | None = None,
    columns: Mapping[str, frozenset[str]] | None = None,
) -> Iterator[Sealed]:
    """The records of RECORDS[place] in the order of their ids: all of them, or these. Streams."""
    record = RECORDS[place]
    parts = {
        part.__tablename__: _PartsInOrder(connection, part, of, ids=ids, columns=columns)
        for part, of in record.parts
        if columns is None or part.__tablename__ in columns
    }
    for row in _rows(connection, record.row, "id", ids=ids, columns=columns):
        of_parts = {name: in_order.of(row["id"]) for name, in_order in parts.items()}
        digest = sha256(_canonical(row | of_parts).encode()).hexdigest()
        yield Sealed(row["id"], row[record.time], digest)


def link(*, previous: str, at: datetime, kind: str, row_id: int, content: str) -> str:
    """The hash of an entry: SHA-256 over the entry before it and all it says itself."""
    said = f"{previous}\n{_time(at)}\n{kind}\n{row_id}\n{content}"
    return sha256(said.encode()).hexdigest()


def _write(connection: Connection, records: Sequence[tuple[str, Sealed]]) -> None:
    last = select(TrailRow.sequence, TrailRow.hash).order_by(TrailRow.sequence.desc()).limit(1)
    sequence, previous = connection.execute(last).one_or_none() or (0, START)
    entries = []
    for kind, sealed in records:
        said = {"at": sealed.at, "kind": kind, "row_id": sealed.row_id, "content": sealed.content}
        sequence, before, previous = sequence + 1, previous, link(previous=previous, **said)  # type: ignore[arg-type]
        entries.append({"sequence": sequence, **said, "previous": before, "hash": previous})
    if entries:
        connection.execute(insert(TrailRow), entries)


class _PartsInOrder:
    """The parts of records that are asked for in the order of their ids."""

    def __init__(
        self,
        connection: Connection,
        part: type[Base],
        of: str,
        *,
        ids: Sequence[int] | None,
        columns: Mapping[str, frozenset[str]] | None,
    ) -> None:
        rows = _rows(connection, part, of, ids=ids, columns=columns)
        self._groups = groupby(rows, key=itemgetter(of))
        self._next: tuple[int, list[Values]] | None = None

    def of(self, row_id: int) -> list[Values]:
        while self._next is None or self._next[0] < row_id:
            parent, group = next(self._groups, (None, ()))
            if parent is None:
                return []
            self._next = (parent, list(group))
        return self._next[1] if self._next[0] == row_id else []


def _rows(
    connection: Connection,
    table: type[Base],
    by: str,
    *,
    ids: Sequence[int] | None,
    columns: Mapping[str, frozenset[str]] | None,
) -> Iterator[Values]:
    """What the rows say, in the order of the column `by`, then of their ids."""
    whole = Base.metadata.tables[table.__tablename__]
    here = [
        column
        for column in sorted(whole.columns, key=lambda column: column.name)
        if columns is None or column.name in columns[whole.name]
    ]
    query: Select[Any] = select(*here)  # Any: as many columns as the table has
    query = query.order_by(*dict.fromkeys((whole.c[by], whole.c["id"])))
    if ids is not None:
        query = query.where(whole.c[by].in_(ids))
    names = [(column.name, _default(column)) for column in here]
    for row in connection.execute(query.execution_options(yield_per=_STREAM)):
        # What holds its default is left out: a column added later changes no hash before it.
        yield {
            name: value
            for (name, default), value in zip(names, row, strict=True)
            if value != default
        }


def _default(column: Column[Any]) -> object:  # Any: a column of whatever type
    default = column.server_default
    if not isinstance(default, DefaultClause):
        return None
    return column.type.python_type(str(default.arg))


def _time(value: datetime) -> str:
    here = value if value.tzinfo is UTC else value.astimezone(UTC)
    return here.isoformat(timespec="microseconds")


def _no_json(value: date) -> str:
    return _time(value) if isinstance(value, datetime) else value.isoformat()


# JSON with sorted names, no blanks and ASCII only; numbers as Python writes them.
_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False, default=_no_json
).encode
