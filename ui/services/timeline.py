"""A chart's timeline: everything that happened to it, from all the records there are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from core.types import Code
from db import audits, charts, decisions, details, notes, screens, tombstones, trials, worklist
from db.audit_records import AuditTurn, FindingKind
from db.records import Pass, Turn
from db.workflow_records import Field, Priority


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a chart's timeline. `comment` is a person's own words and may quote the note."""

    at: datetime
    by: str
    what: str
    code: Code | None = None
    coding_pass: Pass | None = None
    decision: int | None = None  # the id of the decision that it is
    comment: str = field(default="", repr=False)


def timeline(session: Session, note_id: int) -> tuple[Event, ...]:
    """Oldest first; renewed claims are left out."""
    found = [event for source in _SOURCES for event in source(session, note_id)]
    return tuple(sorted(found, key=lambda event: event.at))  # stable: sources in their order


def _uploads(session: Session, note_id: int) -> Iterator[Event]:
    note = notes.kept(session, note_id)
    yield Event(at=note.created_at, by=note.uploaded_by, what="uploaded the note")


def _deletions(session: Session, note_id: int) -> Iterator[Event]:
    gone = tombstones.of_note(session, note_id)
    if gone is not None:
        yield Event(at=gone.at, by=gone.by, what=f"deleted the note ({gone.reason})")


def _work(session: Session, note_id: int) -> Iterator[Event]:
    words = {
        "assigned": "assigned it to {coder}",
        "claimed": "claimed it for {coder}",
        "released": "let {coder} go of it",
    }
    for event in worklist.history(session, note_id):
        if event.kind in words:
            what = words[event.kind].format(coder=event.coder or "anyone")
        elif event.priority is not None:
            what = _PRIORITIES[event.priority]
        else:
            continue
        yield Event(at=event.at, by=event.by, what=what, coding_pass=event.work.coding_pass)


def _turns(session: Session, note_id: int) -> Iterator[Event]:
    for event in charts.events(session, note_id, coding_pass=None):
        what = _TURNS[event.turn]
        yield Event(at=event.at, by=event.coder, what=what, coding_pass=event.coding_pass)


def _screens(session: Session, note_id: int) -> Iterator[Event]:
    for screen in screens.of_note(session, note_id):
        listed = len(screen.suggestions)
        what = f"was shown {listed} suggestions of {screen.checkpoint} ({screen.checkpoint_hash})"
        yield Event(at=screen.shown_at, by=screen.coder, what=what)


def _decisions(session: Session, note_id: int) -> Iterator[Event]:
    words = {"accept": "accepted", "reject": "rejected", "add": "added", "retract": "took back"}
    for row in decisions.of_note(session, note_id, coding_pass=None):
        yield Event(
            at=row.decided_at,
            by=row.coder,
            what=f"rejected ({row.reason})" if row.reason else words[row.action.value],
            code=row.code,
            coding_pass=row.coding_pass,
            decision=row.id,
        )


def _details(session: Session, note_id: int) -> Iterator[Event]:
    for row in details.of_note(session, note_id, coding_pass=None):
        what = (_TOOK_BACK if row.retracts else _SET)[row.field]
        if row.field is Field.POA and not row.retracts:
            what = f"set the POA indicator to {row.value or 'blank'}"
        yield Event(
            at=row.at,
            by=row.coder,
            what=what,
            code=row.code,
            coding_pass=row.coding_pass,
            comment=row.value if row.field is Field.COMMENT else "",
        )


def _audits(session: Session, note_id: int) -> Iterator[Event]:
    for audit in audits.every(session, note_id):
        yield Event(at=audit.at, by=audit.drawn_by, what=f"drew it for audit ({audit.method})")
        codes = {}
        for row in audits.findings(session, audit.id):
            codes[row.id] = row.code
            what = _FOUND[row.kind]
            yield Event(at=row.at, by=row.auditor, what=what, code=row.code, comment=row.comment)
        for turn in audits.events(session, audit.id):
            code = None if turn.finding_id is None else codes[turn.finding_id]
            what = _ANSWERED[turn.turn]
            yield Event(at=turn.at, by=turn.by, what=what, code=code, comment=turn.comment)


def _trials(session: Session, note_id: int) -> Iterator[Event]:
    for event in trials.every(session, note_id=note_id):
        yield Event(at=event.at, by=event.by, what=f"trial of {event.coder}: {event.kind}")


_TURNS = {
    Turn.OPENED: "opened the chart",
    Turn.FINISHED: "finished the chart",
    Turn.REOPENED: "reopened the chart",
}
_PRIORITIES = {
    Priority.URGENT: "made it urgent",
    Priority.HIGH: "made its priority high",
    Priority.NORMAL: "made its priority normal",
    Priority.LOW: "made its priority low",
}
_SET = {
    Field.ORDER: "set the order",
    Field.POA: "set the POA indicator",
    Field.COMMENT: "set a comment",
    Field.UNRELATED: "set the list of unrelated codes",
}
_TOOK_BACK = {
    Field.ORDER: "took back the order",
    Field.POA: "took back the POA indicator",
    Field.COMMENT: "took back a comment",
    Field.UNRELATED: "took back the list of unrelated codes",
}
_FOUND = {
    FindingKind.ADDED: "found: added",
    FindingKind.EDITED: "found: edited",
    FindingKind.REMOVED: "found: removed",
    FindingKind.POA: "found: poa",
    FindingKind.PRINCIPAL: "found: principal",
}
_ANSWERED = {
    AuditTurn.FINISHED: "finished the audit",
    AuditTurn.ACKNOWLEDGED: "acknowledged a finding",
    AuditTurn.REBUTTED: "rebutted a finding",
    AuditTurn.WITHDRAWN: "withdrew a finding",
    AuditTurn.ESCALATED: "escalated a finding",
    AuditTurn.UPHELD: "upheld a finding",
    AuditTurn.OVERTURNED: "overturned a finding",
}
_SOURCES = (_uploads, _work, _turns, _screens, _decisions, _details, _audits, _trials, _deletions)
