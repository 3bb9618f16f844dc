"""The shadow: what a candidate would have listed, kept beside what the model in use listed.

Nothing here reaches a screen, an export, or what anybody learns from: coders must not be led by a
model nobody put into use. Deleting a note leaves these rows: they hold codes and numbers alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.types import Code, CodeSystem
from db import tombstones
from db.shadow_tables import ShadowCodeRow, ShadowListRow
from db.tables import DecisionRow, NoteRow, TrailRow
from db.workflow_tables import TrialEventRow

_CHUNK = 200  # pairs read at a time; keeps memory flat


@dataclass(frozen=True, kw_only=True)
class ShadowList:
    """What one model says of a note. `codes`: with their probabilities, the best first."""

    checkpoint: str  # its name
    checkpoint_hash: str
    memory: str
    likely_from: float
    codes: Mapping[Code, float]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both lists of a screen."""

    note_id: int
    in_use: ShadowList
    candidate: ShadowList


def record(
    session: Session,
    note_id: int,
    *,
    screen_id: int,
    in_use: ShadowList,
    candidate: ShadowList,
    at: datetime,
) -> bool:
    """Keep both lists of a screen; False, and nothing is kept, if they are or the note is gone."""
    here = select(NoteRow.id).where(NoteRow.id == note_id, tombstones.is_there())
    known = select(ShadowListRow.checkpoint_hash).where(ShadowListRow.screen_id == screen_id)
    there = set(session.scalars(known))
    if session.scalar(here) is None or candidate.checkpoint_hash in there:
        return False
    for each in (in_use, candidate):
        if each.checkpoint_hash not in there:  # an earlier candidate's screen
            session.add(_row(each, note_id, screen_id, at))
    session.flush()
    return True


def pairs(session: Session, *, in_use: str, candidate: str) -> Iterator[Pair]:
    """For each note the first screen that both models (hashes) listed, by note. Streams.

    Before anybody decided on the note, that is. Charts on trial and deleted notes are left out.
    """
    mine, other = aliased(ShadowListRow), aliased(ShadowListRow)
    first = (
        select(func.min(mine.screen_id))
        .join(other, other.screen_id == mine.screen_id)
        .join(NoteRow, NoteRow.id == mine.note_id)
        .where(mine.checkpoint_hash == in_use, other.checkpoint_hash == candidate)
        .where(mine.note_id.not_in(select(TrialEventRow.note_id)), tombstones.is_there())
        .group_by(mine.note_id)
        .order_by(mine.note_id)
    )
    screens = list(session.scalars(first))
    for start in range(0, len(screens), _CHUNK):
        wanted = screens[start : start + _CHUNK]
        lists = select(ShadowListRow).where(
            ShadowListRow.screen_id.in_(wanted),
            ShadowListRow.checkpoint_hash.in_([in_use, candidate]),
        )
        rows = {(row.screen_id, row.checkpoint_hash): row for row in session.scalars(lists)}
        for screen_id in wanted:
            row = rows[screen_id, in_use]
            yield Pair(
                note_id=row.note_id,
                in_use=_list(row),
                candidate=_list(rows[screen_id, candidate]),
            )
        for row in rows.values():
            session.expunge(row)  # keeps memory flat


def state(session: Session) -> str:
    """Another text whenever a list was added."""
    return str(session.scalar(select(func.max(ShadowListRow.id))) or 0)


def decided_since(session: Session, entry: int | None) -> tuple[list[int], int]:
    """The notes decided on after this entry of the trail (None: none), and its last entry now.

    By the trail, whose entries are in the order in which they were committed; ids are not.
    """
    last = session.scalar(select(func.max(TrailRow.sequence))) or 0
    if entry is None:
        return [], last
    of_decision = (TrailRow.kind == DecisionRow.__tablename__) & (TrailRow.row_id == DecisionRow.id)
    changed = (
        select(DecisionRow.note_id)
        .join(TrailRow, of_decision)
        .join(NoteRow, NoteRow.id == DecisionRow.note_id)
        .where(TrailRow.sequence > entry, TrailRow.sequence <= last, tombstones.is_there())
        .distinct()
        .order_by(DecisionRow.note_id)
    )
    return list(session.scalars(changed)), last


def counted(session: Session, *, in_use: str, candidate: str) -> tuple[int, int]:
    """How many notes both models listed, and how many of these are left out as charts on trial."""
    mine, other = aliased(ShadowListRow), aliased(ShadowListRow)
    both = (
        select(mine.note_id)
        .join(other, other.screen_id == mine.screen_id)
        .join(NoteRow, NoteRow.id == mine.note_id)
        .where(mine.checkpoint_hash == in_use, other.checkpoint_hash == candidate)
        .where(tombstones.is_there())
        .distinct()
    )
    notes = set(session.scalars(both))
    on_trial = set(session.scalars(select(TrialEventRow.note_id).distinct()))
    return len(notes), len(notes & on_trial)


def _row(said: ShadowList, note_id: int, screen_id: int, at: datetime) -> ShadowListRow:
    return ShadowListRow(
        note_id=note_id,
        screen_id=screen_id,
        checkpoint=said.checkpoint,
        checkpoint_hash=said.checkpoint_hash,
        memory=said.memory,
        likely_from=said.likely_from,
        scored_at=at,
        codes=[
            ShadowCodeRow(
                rank=rank, system=code.system.value, code=code.code, probability=probability
            )
            for rank, (code, probability) in enumerate(said.codes.items(), start=1)
        ],
    )


def _list(row: ShadowListRow) -> ShadowList:
    codes: Sequence[ShadowCodeRow] = row.codes
    return ShadowList(
        checkpoint=row.checkpoint,
        checkpoint_hash=row.checkpoint_hash,
        memory=row.memory,
        likely_from=row.likely_from,
        codes={Code(CodeSystem(each.system), each.code): each.probability for each in codes},
    )
