"""Undo and redo over decisions and details at once: what a coder did last comes back first.

Each of the two has its own numbers, so they are laid into one row by time and folded as ever.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from db.records import Decision
from db.standing import redoable, undoable
from db.workflow_records import Detail


@dataclass(frozen=True, kw_only=True)
class _Done:
    """A decision or a detail as one step of the common row; `db.standing.Step`."""

    row: Decision | Detail
    sequence: int

    @property
    def id(self) -> int:
        return self._own(self.row.id)

    @property
    def coder(self) -> str:
        return self.row.coder

    @property
    def replaces(self) -> int | None:
        return None if self.row.replaces is None else self._own(self.row.replaces)

    @property
    def retracts(self) -> bool:
        return self.row.retracts

    @property
    def subject(self) -> Hashable:
        return isinstance(self.row, Detail), self.row.subject

    def _own(self, number: int) -> int:
        return 2 * number + isinstance(self.row, Detail)


def done_last(
    made: Sequence[Decision], said: Sequence[Detail], *, coder: str
) -> Decision | Detail | None:
    """What an undo by this coder takes back, or None."""
    found = undoable(_in_one_row(made, said), coder=coder)
    return None if found is None else found.row


def taken_back_last(
    made: Sequence[Decision], said: Sequence[Detail], *, coder: str
) -> Decision | Detail | None:
    """What a redo by this coder does again, or None: also if they did anything new since."""
    found = redoable(_in_one_row(made, said), coder=coder)
    return None if found is None else found.row


def _in_one_row(made: Sequence[Decision], said: Sequence[Detail]) -> list[_Done]:
    dated = [
        *_dated(made, (row.decided_at for row in made)),
        *_dated(said, (row.at for row in said)),
    ]
    dated.sort(key=lambda each: each[0])
    return [_Done(row=row, sequence=place) for place, (_, row) in enumerate(dated, start=1)]


def _dated(
    rows: Iterable[Decision | Detail], times: Iterable[datetime]
) -> Iterator[tuple[datetime, Decision | Detail]]:
    """Rows in their own order, whatever the clock did meanwhile."""
    return zip(accumulate(times, max), rows, strict=True)
