"""What a list of decisions amounts to: what stands, what can be undone, what can be made again.

Pure functions over the decisions of one coding of a note, in any order; `sequence` orders them.
Details of codes (order, POA, comments) fold the same way: what a step is about is its `subject`.
"""

from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from typing import Protocol, TypeVar

from core.types import Code
from db.records import Decision, Pass


class Step(Protocol):
    """A row that says something of its subject, or takes back another row that did."""

    @property
    def id(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def coder(self) -> str: ...
    @property
    def replaces(self) -> int | None: ...
    @property
    def retracts(self) -> bool: ...
    @property
    def subject(self) -> Hashable: ...


S = TypeVar("S", bound=Step)
K = TypeVar("K", bound=Hashable)

_IN_ORDER = attrgetter("sequence")


def standing(decisions: Iterable[Decision]) -> dict[Code, Decision]:
    """The decision that holds for each code: its latest one that nobody took back.

    Taking back a decision brings back the one before it; a code with none left is absent.
    """
    return latest(decisions, lambda row: row.code)


def final(decisions: Iterable[Decision]) -> dict[Code, Decision]:
    """What holds for a chart, of all its codings: what was adjudicated, else the first coding's.

    A second coding alone changes nothing.
    """
    rows = list(decisions)
    first, settled = (
        standing(row for row in rows if row.coding_pass is each)
        for each in (Pass.FIRST, Pass.ADJUDICATED)
    )
    return first | settled


def latest(steps: Iterable[S], subject: Callable[[S], K]) -> dict[K, S]:
    """The latest step on each subject that nobody took back."""
    ordered = sorted(steps, key=_IN_ORDER)
    retracted = {row.replaces for row in ordered if row.retracts}
    return {subject(row): row for row in ordered if not row.retracts and row.id not in retracted}


def undoable(steps: Iterable[S], *, coder: str) -> S | None:
    """The step an undo by this coder takes back: their latest that stands, or None."""
    standing_now = latest(steps, lambda row: row.subject)
    own = [row for row in standing_now.values() if row.coder == coder]
    return max(own, key=_IN_ORDER, default=None)


def undoable_step(decisions: Iterable[Decision], *, coder: str) -> tuple[Decision, ...]:
    """All that an undo takes back: the latest decision that stands, and what was made with it.

    Last made first. What was decided on one of them since stays, and so does what it replaced.
    """
    rows = list(decisions)
    last = undoable(rows, coder=coder)
    if last is None:
        return ()
    own = (row for row in standing(rows).values() if row.coder == coder)
    made = [row for row in own if step_of(row.token) == step_of(last.token)]
    return tuple(sorted(made, key=_IN_ORDER, reverse=True))


def redoable_step(decisions: Iterable[Decision], *, coder: str) -> tuple[Decision, ...]:
    """All that a redo makes again: what was last taken back, and what was taken back with it.

    First made first.
    """
    rows = list(decisions)
    taken_back = _taken_back(rows, coder=coder)
    step_back = {row.replaces: step_of(row.token) for row in rows if row.retracts}
    last = step_back[taken_back[-1].id] if taken_back else None
    return tuple(row for row in reversed(taken_back) if step_back[row.id] == last)


def step_of(token: str) -> str:
    """What the tokens of decisions that were made in one step have in common."""
    return token.partition("/")[0]


def part(token: str, place: int) -> str:
    """The token of the decision at this place (from 0) of a step."""
    return f"{token}/{place}" if place else token


def redoable(steps: Iterable[S], *, coder: str) -> S | None:
    """The step a redo by this coder makes again, or None.

    As in an editor: the last one they took back, unless they have decided something new since.
    """
    taken_back = _taken_back(steps, coder=coder)
    return taken_back[-1] if taken_back else None


def _taken_back(steps: Iterable[S], *, coder: str) -> list[S]:
    """What this coder can make again, the last taken back last."""
    ordered = sorted(steps, key=_IN_ORDER)
    by_id = {row.id: row for row in ordered}
    taken_back: list[S] = []
    for row in ordered:
        if row.coder != coder:
            continue
        if row.replaces is None:
            taken_back.clear()
        elif row.retracts:
            taken_back.append(by_id[row.replaces])
        else:
            taken_back = [earlier for earlier in taken_back if earlier.id != row.replaces]
    return taken_back
