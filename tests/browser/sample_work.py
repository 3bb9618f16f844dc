"""A team's work for pictures: accounts, charts done, begun and new, a double coding, an audit."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

import db
from core.codes import shared_tables
from core.inference import Coder
from core.types import CodeSystem, Span
from db.records import Pass
from db.workflow_records import Priority, Work
from tests.ui.finished import finish_charts
from ui.services.accounts import Accounts, Role
from ui.services.charts import Opened, State
from ui.services.coding import Coding
from ui.services.double_coding import DoubleCoding
from ui.services.intake import Intake
from ui.services.intents import REASONS, Intent, Kind
from ui.services.quality import FindingDraft, FindingKind, Method, Quality
from ui.services.worklist import Worklist

CHECKPOINT = Path(__file__).resolve().parents[2] / "checkpoints" / "evicode-codiesp"
PASSWORD = "three grey boats at noon"  # noqa: S105  (of a database that is thrown away)
PEOPLE = {
    Role.CODER: "Ana Coder",
    Role.SECOND_CODER: "Ben Second",
    Role.AUDITOR: "Eva Auditor",
    Role.LEAD: "Leo Lead",
    Role.ADMINISTRATOR: "Ada Admin",
}
BEGUN, TWICE, PLAIN = 1, 3, (2, 6)  # sample notes: coded in part, by two, by one
_STANDING = {State.ACCEPTED, State.ADDED}
EARLIER, DAYS = 90, 318  # made-up charts, for figures over time


def fill(database: Path) -> int:
    """A database of all that the pages show; the id of its open audit."""
    engine = db.connect(database)
    db.migrate(engine)
    accounts = Accounts(engine=engine, now=_now)
    for role, name in PEOPLE.items():
        accounts.add(name, role, by="Ada Admin", password=PASSWORD)
    Intake(engine=engine, now=_now).load_samples()
    first = Coding(
        engine=engine, coder=Coder.load(CHECKPOINT), tables=shared_tables(), version="", now=_now
    )
    for note_id, share in ((BEGUN, 0.3), (TWICE, 1.0), *((each, 1.0) for each in PLAIN)):
        _code(first, note_id, share=share, by=Role.CODER)
    second = replace(first, coding_pass=Pass.SECOND)
    DoubleCoding(engine=engine, now=_now).request([TWICE], by=PEOPLE[Role.LEAD])
    _code(second, TWICE, share=1.0, by=Role.SECOND_CODER)
    _hand_out(engine)
    audit_id = _audit(engine)
    finish_charts(engine, EARLIER, days=DAYS, coders=(PEOPLE[Role.CODER], PEOPLE[Role.LEAD]))
    engine.dispose()
    return audit_id


def _hand_out(engine: Engine) -> None:
    work, lead = Worklist(engine=engine, now=_now), PEOPLE[Role.LEAD]
    work.prioritise([Work(note_id=4)], Priority.URGENT, by=lead)
    others = [Work(note_id=note_id) for note_id in (*range(1, 4), *range(5, 10))]
    work.prioritise(others, Priority.HIGH, by=lead)  # before the made-up ones
    work.assign([Work(note_id=5), Work(note_id=7)], PEOPLE[Role.CODER], by=lead)


def _code(coding: Coding, note_id: int, *, share: float, by: Role) -> None:
    """Decide on a share of the list as a coder might; a whole list is finished."""
    coder = PEOPLE[by]
    differs = 4 if by is Role.CODER else 3  # every fifth code; the second coder's are others
    opened = coding.open(note_id, coder=coder)
    rows = [row for row in coding.chart(opened, coder=coder).rows if row.probability is not None]
    for place, row in enumerate(rows[: int(len(rows) * share)]):
        kind = Kind.ACCEPT if (row.probability or 0) > 0.5 and place % 5 != differs else Kind.REJECT
        reason = REASONS[place % 3] if kind is Kind.REJECT else None
        marks = _words_of(row.title, opened.note.text) if kind is Kind.ACCEPT and place % 2 else ()
        intent = _intent(coding, opened, coder, kind, code=row.code, reason=reason, marks=marks)
        coding.apply([intent], coder=coder)
    _arrange(coding, opened, coder)
    if share == 1.0:
        coding.apply([_intent(coding, opened, coder, Kind.FINISH)], coder=coder)


def _words_of(title: str, text: str) -> tuple[Span, ...]:
    """Where the note has the first word of a code's title, if it has."""
    word = title.split()[0].strip(",").lower()
    start = text.lower().find(word)
    return (Span(start=start, end=start + len(word)),) if start >= 0 else ()


def _arrange(coding: Coding, opened: Opened, coder: str) -> None:
    """An order that begins with the likeliest diagnosis, indicators, and a comment."""
    rows = [row for row in coding.chart(opened, coder=coder).rows if row.state in _STANDING]
    codes = tuple(row.code for row in rows)
    diagnoses = [code for code in codes if code.system is CodeSystem.ICD10CM]
    ordered = (diagnoses[0], *(code for code in codes if code != diagnoses[0]))
    coding.apply([_intent(coding, opened, coder, Kind.ORDER, codes=ordered)], coder=coder)
    for code in diagnoses[:3]:
        intent = _intent(coding, opened, coder, Kind.POA, code=code, value="Y")
        coding.apply([intent], coder=coder)


def _intent(coding: Coding, opened: Opened, coder: str, kind: Kind, **more: object) -> Intent:
    chart = coding.chart(opened, coder=coder)
    screen = opened.screen.id if opened.screen else None
    fixed = {"token": str(uuid4()), "kind": kind, "note_id": opened.note.id, "screen_id": screen}
    return Intent(**(fixed | {"seen": chart.sequence} | more))  # type: ignore[arg-type]


def _audit(engine: Engine) -> int:
    """Two charts drawn: one with its findings at the coder, one begun, whose id comes back."""
    quality, auditor = Quality(engine=engine, now=_now), PEOPLE[Role.AUDITOR]
    drawn = quality.draw(Method.RANDOM, size=2, seed=7, by=auditor)
    for place, audit in enumerate(drawn):
        codes = [each.code for each in quality.open(audit.id).before.codes]
        for code, comment in zip(codes[:2], ("only a symptom of it", ""), strict=False):
            draft = FindingDraft(
                audit_id=audit.id,
                kind=FindingKind.REMOVED,
                code=code,
                auditor=auditor,
                token=str(uuid4()),
                comment=comment,
            )
            quality.find(draft)
        if place == 0:
            quality.finish(audit.id, auditor=auditor)
    return drawn[-1].id


def _now() -> datetime:
    return datetime.now(UTC)
