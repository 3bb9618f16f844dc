"""What a list of decisions amounts to: what stands, what can be undone, what can be made again.

Pure functions over the decisions of one note, in any order; `sequence` orders them.
"""

from collections.abc import Iterable
from operator import attrgetter

from core.types import Code
from db.records import Action, Decision

_IN_ORDER = attrgetter("sequence")


def standing(decisions: Iterable[Decision]) -> dict[Code, Decision]:
    """The decision that holds for each code: its latest one that nobody took back.

    Taking back a decision brings back the one before it; a code with none left is absent.
    """
    ordered = sorted(decisions, key=_IN_ORDER)
    retracted = {row.replaces for row in ordered if row.action is Action.RETRACT}
    return {
        row.code: row
        for row in ordered
        if row.action is not Action.RETRACT and row.id not in retracted
    }


def undoable(decisions: Iterable[Decision], *, coder: str) -> Decision | None:
    """The decision an undo by this coder takes back: their latest that stands, or None."""
    own = [row for row in standing(decisions).values() if row.coder == coder]
    return max(own, key=_IN_ORDER, default=None)


def redoable(decisions: Iterable[Decision], *, coder: str) -> Decision | None:
    """The decision a redo by this coder makes again, or None.

    As in an editor: the last one they took back, unless they have decided something new since.
    """
    ordered = sorted(decisions, key=_IN_ORDER)
    by_id = {row.id: row for row in ordered}
    taken_back: list[Decision] = []
    for row in ordered:
        if row.coder != coder:
            continue
        if row.replaces is None:
            taken_back.clear()
        elif row.action is Action.RETRACT:
            taken_back.append(by_id[row.replaces])
        else:
            taken_back = [earlier for earlier in taken_back if earlier.id != row.replaces]
    return taken_back[-1] if taken_back else None
