"""What a worklist keeps from its reader, so that two codings of one note stay blind."""

from collections.abc import Collection, Iterable, Mapping

from db.records import Pass, Status
from db.workflow_records import WorkRow

__all__ = ["visible"]


def visible(
    rows: Iterable[WorkRow], took_part: Mapping[Pass, Collection[int]], *, coder: str
) -> list[WorkRow]:
    """The lines this coder may see: never both codings of a note that they are to code blind.

    `took_part`: the notes they had to do with, by coding. A second coding is for others than the
    first coder, who sees nothing of it. While one is open to this coder, who has it, how far it is
    and what was decided in the first coding stay unseen.
    """
    rows = list(rows)
    kept = took_part[Pass.FIRST]
    blind = {row.work.note_id for row in rows if _is_to_do(row, took_part, coder)}
    return [
        row
        for row in rows
        if row.work.note_id not in (blind if row.work.coding_pass is Pass.FIRST else kept)
    ]


def _is_to_do(row: WorkRow, took_part: Mapping[Pass, Collection[int]], coder: str) -> bool:
    """Whether this is a second coding that the coder does, or still could do."""
    work = row.work
    if work.coding_pass is not Pass.SECOND or row.status is Status.DONE:
        return False
    if work.note_id in took_part[Pass.FIRST]:
        return False
    assigned = None if row.assignment is None else row.assignment.coder
    claimed = None if row.claim is None else row.claim.coder
    return work.note_id in took_part[Pass.SECOND] or assigned in (None, coder) or claimed == coder
