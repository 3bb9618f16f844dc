"""Many finished charts at once, made up by lot: for figures of a lead, and for how long they take.

Rows are added as they are, not by the repositories: thousands would take minutes.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

import db
from db.records import Action, Turn
from db.tables import ChartEventRow, DecisionRow, NoteRow, ScreenRow, SuggestionRow
from db.workflow_tables import AuditRow, FindingRow

CODES = (
    *("I10", "R50.9", "J18.9", "E11.9", "R07.9", "K35.80", "N39.0", "I50.9", "J44.9", "D64.9"),
    *("A41.9", "E78.5", "F32.9", "G40.909", "K21.9", "M54.50", "N17.9", "R05.9", "S72.001A"),
    *("Z79.4", "Z87.891", "I25.10", "I48.91", "E87.6", "L03.90"),
)
OLD_WORDS = "patient with fever cough chest pain history hypertension diabetes no was admitted left"
NEW_WORDS = "telehealth semaglutide covid vaccine portal message"
CODERS = ("ana", "bob", "eva")
CHECKPOINTS = (("evicode-codiesp", "5f2a77c1d0"), ("evicode-next", "c0ffee0123"))
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
AUDITED = 0.08  # share of the charts
_CHUNK = 250


@dataclass
class _Chart:
    """A chart on its way into the database; its parts are added in this order."""

    note: NoteRow
    coder: str
    at: datetime
    screen: ScreenRow | None = None


def finish_charts(
    engine: Engine,
    count: int,
    *,
    days: float = 150,
    seed: int = 0,
    words: int = 120,
    first: int = 0,
    coders: tuple[str, ...] = CODERS,
    checkpoints: tuple[tuple[str, str], tuple[str, str]] = CHECKPOINTS,
) -> None:
    """Add `count` finished charts, spread evenly over `days` days; the same seed, the same ones.

    The first of the checkpoints (name and hash) made the lists of the first half. `first` is the
    number in the first one's name.
    """
    lot = random.Random(seed)
    for start in range(0, count, _CHUNK):
        with db.unit_of_work(engine) as session:
            numbers = range(start, min(start + _CHUNK, count))
            charts = [
                _chart(first + n, days * n / count, lot, words, coders, late=n > count / 2)
                for n in numbers
            ]
            session.add_all(chart.note for chart in charts)
            session.flush()
            for chart in charts:
                late = chart.at > START + timedelta(days=days / 2)
                chart.screen = _screen(chart, checkpoints[late], lot)
                session.add(chart.screen)
            session.flush()
            session.add_all(row for chart in charts for row in _decided(chart, lot))
            session.flush()
            audited = [_audit(chart) for chart in charts if lot.random() < AUDITED]
            session.add_all(audited)
            session.flush()
            session.add_all(_finding(audit, lot) for audit in audited)


def _chart(
    number: int, day: float, lot: random.Random, words: int, coders: tuple[str, ...], *, late: bool
) -> _Chart:
    vocabulary = (OLD_WORDS + (f" {NEW_WORDS}" if late else "")).split()
    length = int(words * lot.uniform(0.5, 1.5) * (1.3 if late else 1))
    text = " ".join([f"note{number}", *lot.choices(vocabulary, k=length)])
    at = START + timedelta(days=day)
    note = NoteRow(
        name=f"chart-{number}",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        characters=len(text),
        source="made-up.txt",
        uploaded_by="lea",
        created_at=at,
    )
    return _Chart(note=note, coder=lot.choice(coders), at=at)


def _screen(chart: _Chart, checkpoint: tuple[str, str], lot: random.Random) -> ScreenRow:
    name, digest = checkpoint
    listed = [
        SuggestionRow(
            task="icd",
            system="ICD-10-CM",
            code=code,
            title=code,
            rank=rank,
            probability=round(max(0.01, lot.betavariate(1.2, 1.2) - rank / 40), 4),
            source="network",
        )
        for rank, code in enumerate(lot.sample(CODES, k=12), start=1)
    ]
    return ScreenRow(
        note_id=chart.note.id,
        coder=chart.coder,
        checkpoint=name,
        checkpoint_hash=digest,
        thresholds={"icd": 0.5},
        app_version="0",
        shown_at=chart.at,
        suggestions=listed,
    )


def _decided(chart: _Chart, lot: random.Random) -> list[object]:
    """What the coder said of the likely codes, one or two codes added, and the chart's turns."""
    assert chart.screen is not None
    shown = chart.screen.suggestions
    said = [
        (each.code, Action.ACCEPT if lot.random() < 0.9 * each.probability else Action.REJECT, each)
        for each in shown
        if each.probability > 0.4
    ]
    unlisted = sorted(set(CODES) - {each.code for each in shown})
    said += [(code, Action.ADD, None) for code in lot.sample(unlisted, k=lot.choice((0, 1, 1, 2)))]
    rows: list[object] = [
        DecisionRow(
            note_id=chart.note.id,
            sequence=place,
            system="ICD-10-CM",
            code=code,
            title=code,
            action=action.value,
            reason="not in the note" if action is Action.REJECT else None,
            coder=chart.coder,
            decided_at=chart.at + timedelta(minutes=place),
            token=f"{chart.note.id}-{place}",
            screen_id=chart.screen.id,
            suggestion_id=each.id if each else None,
        )
        for place, (code, action, each) in enumerate(said, start=1)
    ]
    end = chart.at + timedelta(minutes=len(said) + lot.uniform(1, 4))
    for turn, at in ((Turn.OPENED, chart.at), (Turn.FINISHED, end)):
        rows.append(ChartEventRow(note_id=chart.note.id, coder=chart.coder, turn=turn.value, at=at))
    return rows


def _audit(chart: _Chart) -> AuditRow:
    return AuditRow(
        note_id=chart.note.id,
        sample=f"made up {chart.note.id}",
        method="random",
        stratum="",
        seed=0,
        population=1,
        decisions_up_to=1,
        details_up_to=0,
        drawn_by="lea",
        at=chart.at + timedelta(hours=2),
    )


def _finding(audit: AuditRow, lot: random.Random) -> FindingRow:
    return FindingRow(
        audit_id=audit.id,
        kind=lot.choice(("added", "removed")),
        system="ICD-10-CM",
        code=lot.choice(CODES),
        comment="",
        auditor="aud",
        at=audit.at,
        token=f"finding {audit.id}",
    )
