"""What finished charts hold, read in bulk: columns, not records, so that thousands take seconds.

Reads, writes nothing. Of a screen only what figures are made of is read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.records import Pass, Turn
from db.tables import ChartEventRow, DecisionRow, NoteRow, ScreenRow, SuggestionRow
from db.workflow_tables import AuditTurnRow, FindingRow, SeedRow, TrialEventRow

_CHUNK = 500  # keeps the IN lists short
CODES = "icd"  # the task whose suggestions are codes to decide on


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A screen, without its suggestions."""

    id: int
    note_id: int
    coder: str
    checkpoint: str  # its name
    checkpoint_hash: str
    shown_at: datetime
    likely_from: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A suggestion that some model made: what was planted is left out."""

    screen_id: int
    system: str
    code: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A turn of a chart's first coding."""

    coder: str
    turn: Turn
    at: datetime


def state(session: Session) -> str:
    """Another text whenever finished charts, what auditors found in them, or trials changed.

    Rows are only ever added, so the last id of each table says it all. Work on charts that are
    not finished changes nothing.
    """
    ended = ChartEventRow.turn.in_([Turn.FINISHED.value, Turn.REOPENED.value])
    last = (
        select(func.max(ChartEventRow.id)).where(ended),
        select(func.max(DecisionRow.id)).where(DecisionRow.coding_pass == Pass.ADJUDICATED.value),
        select(func.max(FindingRow.id)),
        select(func.max(AuditTurnRow.id)),
        select(func.max(TrialEventRow.id)),
    )
    return " ".join(str(session.scalar(each) or 0) for each in last)


def notes_state(session: Session) -> str:
    """Another text whenever a note came in."""
    return str(session.scalar(select(func.max(NoteRow.id))) or 0)


def turns(session: Session, note_ids: Collection[int]) -> dict[int, list[Turned]]:
    """The turns of each note's first coding, oldest first."""
    found: dict[int, list[Turned]] = defaultdict(list)
    columns = (ChartEventRow.note_id, ChartEventRow.coder, ChartEventRow.turn, ChartEventRow.at)
    of_first = select(*columns).where(ChartEventRow.coding_pass == Pass.FIRST.value)
    for some in _chunks(note_ids):
        query = of_first.where(ChartEventRow.note_id.in_(some)).order_by(ChartEventRow.id)
        for note_id, coder, turn, at in session.execute(query):
            found[note_id].append(Turned(coder=coder, turn=Turn(turn), at=at))
    return found


def shown(session: Session, note_ids: Collection[int]) -> dict[int, list[Shown]]:
    """The screens of each note, in the order of showing."""
    found: dict[int, list[Shown]] = defaultdict(list)
    columns = (ScreenRow.id, ScreenRow.note_id, ScreenRow.coder, ScreenRow.checkpoint)
    more = (ScreenRow.checkpoint_hash, ScreenRow.shown_at, ScreenRow.thresholds)
    for some in _chunks(note_ids):
        query = select(*columns, *more).where(ScreenRow.note_id.in_(some)).order_by(ScreenRow.id)
        for row in session.execute(query):
            found[row.note_id].append(
                Shown(
                    id=row.id,
                    note_id=row.note_id,
                    coder=row.coder,
                    checkpoint=row.checkpoint,
                    checkpoint_hash=row.checkpoint_hash,
                    shown_at=row.shown_at,
                    likely_from=row.thresholds.get(CODES, 0.5),
                )
            )
    return found


def listed(session: Session, screen_ids: Collection[int]) -> dict[int, list[Listed]]:
    """What models put on each of these screens, the first rank first."""
    found: dict[int, list[Listed]] = defaultdict(list)
    columns = (SuggestionRow.screen_id, SuggestionRow.system, SuggestionRow.code)
    of_models = (
        select(*columns, SuggestionRow.probability)
        .outerjoin(SeedRow, SeedRow.suggestion_id == SuggestionRow.id)
        .where(SuggestionRow.task == CODES, SeedRow.id.is_(None))
        .order_by(SuggestionRow.id)
    )
    for some in _chunks(screen_ids):
        for row in session.execute(of_models.where(SuggestionRow.screen_id.in_(some))):
            found[row.screen_id].append(
                Listed(
                    screen_id=row.screen_id,
                    system=row.system,
                    code=row.code,
                    probability=row.probability,
                )
            )
    return found


def planted(session: Session) -> frozenset[int]:
    """Every suggestion that was wrong on purpose."""
    return frozenset(session.scalars(select(SeedRow.suggestion_id)))


def came_in(session: Session) -> tuple[tuple[int, datetime, int], ...]:
    """(note, when it came in, its length in characters) of every note, oldest first."""
    columns = (NoteRow.id, NoteRow.created_at, NoteRow.characters)
    rows = session.execute(select(*columns).order_by(NoteRow.id))
    return tuple((note_id, at, characters) for note_id, at, characters in rows)


def texts(session: Session, note_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """(note, its text), by the note's id, a few hundred at a time in memory."""
    for some in _chunks(note_ids):
        query = select(NoteRow.id, NoteRow.text).where(NoteRow.id.in_(some)).order_by(NoteRow.id)
        yield from ((note_id, text) for note_id, text in session.execute(query))


def _chunks(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
