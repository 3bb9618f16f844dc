"""Walk the audit trail beside the records it is about, and name the first that does not fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, func, inspect, select

from core.errors import BadFile
from db import tombstones
from db.erasure_tables import TombstoneRow
from db.heads import Head
from db.tables import TrailRow
from db.trail import RECORDS, START, link, present, sealed_records

_STREAM = 2_000  # rows read at a time; keeps memory flat

T = TypeVar("T")
Told = Callable[[float], object]  # is told the share that is done


class Damage(StrEnum):
    """What happened to a record or to its entry."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first thing found wrong: what happened, and to which row."""

    damage: Damage
    place: str

    def __str__(self) -> str:
        return f"{self.damage}: {self.place}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How many entries there are, the hash of the last, and the first fault, if any."""

    entries: int
    hash: str
    fault: Fault | None


def verify(engine: Engine, *, head: Head | None = None, told: Told | None = None) -> Verdict:
    """Check every entry of the trail against the one before it, and against its record.

    Only a `head`, signed and kept elsewhere, shows that the end of the trail was cut off together
    with its records, or that all of it was written anew. BadFile if there is no trail.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table(TrailRow.__tablename__):
            raise BadFile(
                f"{engine.url.database} has no audit trail yet; run `python -m db migrate` first"
            )
        return walk(connection, head=head, told=told)


def walk(connection: Connection, *, head: Head | None = None, told: Told | None = None) -> Verdict:
    """As `verify`, within a transaction that is open already."""
    return _Walk(connection, head, _Steps(connection, told)).run()


class _Steps:
    """Tells the share that is done: each record is read once, and each entry once."""

    def __init__(self, connection: Connection, told: Told | None) -> None:
        self._told, self._done = told, 0
        entries = 0 if told is None else connection.scalar(select(func.max(TrailRow.sequence)))
        self._all = max(1, 2 * (entries or 0))

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            self._done += 1
            if self._told is not None and self._done % _STREAM == 0:
                self._told(min(1.0, self._done / self._all))
            yield item


class _Walk:
    """One pass over the trail; what a record's entry should say is looked up by kind and id."""

    def __init__(self, connection: Connection, head: Head | None, steps: _Steps) -> None:
        self.connection, self.head, self.steps = connection, head, steps
        self.entries, self.last = 0, START
        columns = present(connection)
        self.records: Mapping[str, dict[int, str]] = {
            record.kind: {
                sealed.row_id: sealed.content
                for sealed in steps.counted(sealed_records(connection, place, columns=columns))
            }
            for place, record in enumerate(RECORDS)
            if record.kind in columns
        }
        self.deletes = TombstoneRow.__tablename__ in columns  # else: an older schema
        self.erased = tombstones.changes(connection) if self.deletes else {}

    def run(self) -> Verdict:
        table = TrailRow.__table__
        entries = select(*table.columns).order_by(table.c.sequence)
        rows = self.connection.execute(entries.execution_options(yield_per=_STREAM))
        fault = None
        for expected, entry in zip(count(1), self.steps.counted(rows), strict=False):
            fault = self._fault_in_chain(entry, expected) or self._fault_in_record(entry)
            if fault is not None:
                rows.close()
                break
            self.entries, self.last = expected, entry.hash
        fault = fault or self._not_in_trail() or self._cut_off() or self._not_deleted()
        return Verdict(entries=self.entries, hash=self.last, fault=fault)

    def _fault_in_chain(self, entry: Row[*tuple[Any, ...]], expected: int) -> Fault | None:
        if entry.sequence != expected:
            return Fault(damage=Damage.MISSING, place=f"entry {expected} of the trail")
        if entry.previous != self.last:
            return self._out_of_line(entry)
        said = link(
            previous=entry.previous,
            at=entry.at,
            kind=entry.kind,
            row_id=entry.row_id,
            content=entry.content,
        )
        if entry.hash != said:
            return Fault(damage=Damage.CHANGED, place=f"{_named(entry)}, its entry")
        if self.head and self.head.sequence == expected and self.head.hash != said:
            signed = f"the trail up to {_named(entry)}, which is not what was signed"
            return Fault(damage=Damage.CHANGED, place=f"{signed} at {self.head.signed_at}")
        return None

    def _out_of_line(self, entry: Row[*tuple[Any, ...]]) -> Fault:
        """An entry that does not follow the one before it: which of the two is out of place?"""
        named = select(TrailRow.sequence).where(TrailRow.hash == entry.previous).limit(1)
        follows = 0 if entry.previous == START else self.connection.scalar(named)
        if follows is None:
            place = f"an entry between {entry.sequence - 1} and {_named(entry)}"
            return Fault(damage=Damage.MISSING, place=place)
        if follows > entry.sequence:
            return Fault(damage=Damage.REORDERED, place=f"{_named(entry)} follows {follows}")
        return Fault(damage=Damage.INSERTED, place=f"entry {follows + 1} of the trail")

    def _fault_in_record(self, entry: Row[*tuple[Any, ...]]) -> Fault | None:
        content = self.records.get(entry.kind, {}).pop(entry.row_id, None)
        if content is None:
            return Fault(damage=Damage.MISSING, place=f"{_named(entry)}, the record")
        before, now = self.erased.get((entry.kind, entry.row_id), (entry.content, entry.content))
        if before != entry.content:
            return Fault(damage=Damage.CHANGED, place=f"{_named(entry)}, or its tombstone")
        if content != now:
            return Fault(damage=Damage.CHANGED, place=f"{_named(entry)}, the record")
        return None

    def _not_deleted(self) -> Fault | None:
        found = tombstones.holding(self.connection) if self.deletes else None
        if found is None:
            return None
        place = "{} row {}, which holds words though its note was deleted".format(*found)
        return Fault(damage=Damage.CHANGED, place=place)

    def _not_in_trail(self) -> Fault | None:
        for kind, records in self.records.items():
            for row_id in records:
                place = f"{kind} row {row_id}, which no entry of the trail names"
                return Fault(damage=Damage.INSERTED, place=place)
        return None

    def _cut_off(self) -> Fault | None:
        if self.head is None or self.head.sequence <= self.entries:
            return None
        place = (
            f"the trail ends at entry {self.entries}, but {self.head.sequence} were there when it "
            f"was signed at {self.head.signed_at}"
        )
        return Fault(damage=Damage.TRUNCATED, place=place)


def _named(entry: Row[*tuple[Any, ...]]) -> str:
    return f"entry {entry.sequence} ({entry.kind} row {entry.row_id})"
