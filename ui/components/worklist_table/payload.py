"""The worklist as JSON for its table, one page of it."""

from collections.abc import Callable, Sequence
from typing import Any

from ui.language import language, msgid, t
from ui.services.worklist import Pass, WorkRow

AT_ONCE = 100  # lines on a page: what a browser paints at once, however long the list is
_WORDS = {
    "name": msgid("Note"),
    "status": msgid("Status"),
    "priority": msgid("Priority"),
    "coding": msgid("Coding"),
    "assigned": msgid("Assigned to"),
    "has": msgid("Who has it now"),
    "decided": msgid("Decided"),
    "decided_long": msgid("Codes accepted, added, rejected"),
    "changed": msgid("Last change"),
    "new": msgid("new"),
    "in progress": msgid("in progress"),
    "done": msgid("done"),
    "urgent": msgid("urgent"),
    "high": msgid("high"),
    "normal": msgid("normal"),
    "low": msgid("low"),
    "first": msgid("first"),
    "second": msgid("second"),
    "adjudicated": msgid("adjudication"),
    "you": msgid("you"),
    "since": msgid("since"),
    "mark": msgid("Mark"),
    "mark_all": msgid("Mark all on this page"),
    "teaches": msgid("What it would teach"),
    "before": msgid("◀ Before"),
    "after": msgid("After ▶"),
}
JSON = dict[str, Any]  # Any: JSON has no type of its own


def payload(
    rows: Sequence[WorkRow],
    *,
    page: int,
    me: str,
    claims: bool,
    marks: bool,
    teaches: Callable[[WorkRow], str] | None = None,
) -> JSON:
    """Lines, columns and words; a page after the last one is the last one.

    teaches: says what a chart would teach, where the list is in that order.
    """
    pages = max(1, -(-len(rows) // AT_ONCE))
    page = min(page, pages - 1)
    first = page * AT_ONCE
    shown = rows[first : first + AT_ONCE]
    return {
        "rows": [_line(row, me) | ({"teaches": teaches(row)} if teaches else {}) for row in shown],
        "columns": _columns(rows, claims=claims, marks=marks, teaches=teaches is not None),
        "page": page,
        "pages": pages,
        "summary": t(
            "{first} to {last} of {all}", first=first + 1, last=first + len(shown), all=len(rows)
        ),
        "words": {name: t(words) for name, words in _WORDS.items()},
        "language": language(),
    }


def _columns(rows: Sequence[WorkRow], *, claims: bool, marks: bool, teaches: bool) -> list[str]:
    wanted = {
        "teaches": teaches,
        "changed": not teaches,  # there is room for one of them
        "mark": marks,
        "coding": any(row.work.coding_pass is not Pass.FIRST for row in rows),
        "assigned": claims,
        "has": claims,
    }
    columns = ("mark", "name", "status", "priority", "teaches", "coding", "assigned", "has")
    return [each for each in (*columns, "decided", "changed") if wanted.get(each, True)]


def _line(row: WorkRow, me: str) -> JSON:
    assigned = None if row.assignment is None else row.assignment.coder
    return {
        "note": row.work.note_id,
        "pass": row.work.coding_pass.value,
        "name": row.name,
        "status": row.status.value,
        "priority": row.priority.name.lower(),
        "assigned": assigned,
        "assigned_me": assigned == me,
        "has": None if row.claim is None else row.claim.coder,
        "mine": row.claim is not None and row.claim.coder == me,
        "since": None if row.claim is None else row.claim.since.isoformat(),
        "accepted": row.accepted,
        "added": row.added,
        "rejected": row.rejected,
        "changed": row.changed_at.isoformat(),
    }
